import { describe, expect, it } from 'vitest';
import { networkTrouble } from '../../../src/sources/http/network-trouble.js';

const url = new URL('https://acme.example.com:8443/api?secret=1');

describe('networkTrouble', () => {
  it.each([
    ['ENOTFOUND', 'could not resolve host', 'host name'],
    ['EAI_AGAIN', 'could not resolve host', 'DNS'],
    ['ECONNREFUSED', 'refused the connection', 'port'],
    ['ETIMEDOUT', 'could not connect', 'firewall'],
    ['EHOSTUNREACH', 'could not connect', 'network'],
    ['ENETUNREACH', 'could not connect', 'network'],
    ['EACCES', 'does not allow', 'firewall'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['CERT_UNTRUSTED', 'not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['CERT_HAS_EXPIRED', 'has expired', 'NODE_EXTRA_CA_CERTS'],
    ['CERT_NOT_YET_VALID', 'not valid yet', 'clock'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'another host name', 'host name'],
    ['EPROTO', 'no TLS', 'https:// or http://'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no TLS', 'https:// or http://'],
    ['HPE_INVALID_CONSTANT', 'not HTTP', 'https:// or http://'],
    ['EMFILE', 'no resources left', 'open files'],
    ['ECONNRESET', 'was interrupted', 'network'],
    ['SOMETHING_NEW', 'was interrupted', 'network'],
  ])('explains %s and names what to check', (code, words, advice) => {
    const trouble = networkTrouble(code, url);

    expect(trouble.words).toContain(words);
    expect(trouble.advice).toContain(advice);
    if (code !== 'EMFILE') expect(trouble.words).toContain('acme.example.com:8443');
    expect(trouble.words + trouble.advice).not.toContain('secret');
  });
});
