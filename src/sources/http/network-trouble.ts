/** What a connection came to, in words for a person. */
export interface NetworkTrouble {
  /** What happened, as "could not resolve host api.example.com". */
  readonly words: string;
  /** What to do about it. */
  readonly advice: string;
}

interface Kind {
  readonly codes: RegExp;
  /** `host` names the host, and the port where it is not the scheme's own. */
  readonly describe: (host: string) => NetworkTrouble;
}

const KINDS: readonly Kind[] = [
  {
    codes: /^(ENOTFOUND|EAI_.*|ENODATA|ESERVFAIL|EREFUSED|ENONAME|EBADNAME)$/,
    describe: (host) => ({
      words: `could not resolve host ${host}`,
      advice: 'Check the host name in the base URL, and that this machine has working DNS.',
    }),
  },
  {
    codes: /^ECONNREFUSED$/,
    describe: (host) => ({
      words: `${host} refused the connection`,
      advice: 'Check the host and port of the base URL: nothing answers there.',
    }),
  },
  {
    codes: /^(ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL)$/,
    describe: (host) => ({
      words: `could not connect to ${host}`,
      advice: 'Check the base URL, and the network and firewall between this machine and that host.',
    }),
  },
  {
    codes: /^(EACCES|EPERM)$/,
    describe: (host) => ({
      words: `this machine does not allow a connection to ${host}`,
      advice: 'Check its firewall and the rules for this process.',
    }),
  },
  {
    codes: /^CERT_HAS_EXPIRED$/,
    describe: (host) => ({
      words: `the TLS certificate of ${host} has expired`,
      advice:
        "Check this machine's clock; if it is right, whoever runs the host must renew the certificate. One of a CA of " +
        'your own is trusted only if NODE_EXTRA_CA_CERTS names a PEM file with that CA.',
    }),
  },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    describe: (host) => ({
      words: `the TLS certificate of ${host} is not valid yet`,
      advice: "Check this machine's clock; if it is right, whoever runs the host must see to the certificate.",
    }),
  },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    describe: (host) => ({
      words: `the TLS certificate of ${host} is for another host name`,
      advice: 'Check the host name in the base URL.',
    }),
  },
  {
    codes: /^(CERT_.*|CRL_.*|.*SELF_SIGNED_CERT.*|UNABLE_TO_.*|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED)$/,
    describe: (host) => ({
      words: `the TLS certificate of ${host} is not trusted`,
      advice:
        'If the certificate is of your own or of a proxy that reads TLS, set NODE_EXTRA_CA_CERTS to a PEM file with its CA ' +
        'and start again; else check the base URL: this may not be the API.',
    }),
  },
  {
    codes: /^(EPROTO|ERR_SSL_.*|ERR_TLS_.*)$/,
    describe: (host) => ({
      words: `no TLS connection could be made with ${host}`,
      advice: 'Check the scheme (https:// or http://) and the port of the base URL.',
    }),
  },
  {
    codes: /^HPE_/,
    describe: (host) => ({
      words: `${host} answered something that is not HTTP`,
      advice: 'Check the scheme (https:// or http://) and the port of the base URL.',
    }),
  },
  {
    codes: /^(EMFILE|ENFILE|ENOBUFS|ENOMEM)$/,
    describe: (host) => ({
      words: `this machine has nothing left for a connection to ${host}`,
      advice: 'Check its limits of open files and memory.',
    }),
  },
];

/**
 * What a code of Node.js or OpenSSL for a failed connection means. One that is not known counts as a broken connection.
 */
export function networkTrouble(code: string, { host }: Pick<URL, 'host'>): NetworkTrouble {
  const kind = KINDS.find(({ codes }) => codes.test(code));
  if (kind !== undefined) return kind.describe(host);
  return {
    words: `the connection to ${host} broke off`,
    advice: 'If this goes on, check the scheme and port of the base URL, and the network between.',
  };
}
