import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withFailures } from '../../src/activities/failures.js';
import {
  jsonWithoutSecrets,
  knowSecret,
  knowUrlSecrets,
  takeSecretsOut,
  withoutSecrets,
} from '../../src/process/secrets.js';
import { StoreError } from '../../src/store/errors.js';

const KEY = `-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ
c3RvcmVkIG5vd2hlcmUgYW5kIHdvcnRoIG5vdGhpbmcgYXQgYWxs
-----END PRIVATE KEY-----`;

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('a known secret', () => {
  it.each([
    ['unchanged', 'se$(am)e+7/ü', 'se$(am)e+7/ü'],
    ['without the white space around it', ' blank-sesame\r\n', 'blank-sesame'],
    ['with it', 'line-sesame\n', 'line-sesame\n'],
    ['percent-encoded', 'p@ss/w:rd', 'p%40ss%2Fw%3Ard'],
    ['percent-encoded in lower case', 'p@ss/w:rd', 'p%40ss%2fw%3ard'],
    ['decoded', 'enc%40ded-pw', 'enc@ded-pw'],
    ['in base64', 'based-sesame', base64('based-sesame')],
    ['in base64 without padding', 'based-sesame1', base64('based-sesame1').replace(/=+$/, '')],
    ['as a literal', 'quo"ted\\se\nsame', 'quo\\"ted\\\\se\\nsame'],
    ['line by line, as a key is printed', KEY, 'c3RvcmVkIG5vd2hlcmUgYW5kIHdvcnRoIG5vdGhpbmcgYXQgYWxs'],
    ['broken by half a character', 'lone\ud800-sesame', 'lone\ud800-sesame'],
  ])('is hidden %s', (_, secret, said) => {
    knowSecret(secret);

    expect(withoutSecrets(`bad value "${said}" for header`).replace(/=+(?=")/, '')).toBe(
      'bad value "[redacted]" for header',
    );
  });

  it('is found at any position, whatever characters it has', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(secret.trim().length >= 12);
        knowSecret(secret);

        expect(withoutSecrets(`${before}${secret}${after}`)).not.toContain(secret.trim());
      }),
      { numRuns: 50 },
    );
  });

  it('is hidden before a shorter one that it contains', () => {
    knowSecret('nested');
    knowSecret('nested-longer');

    expect(withoutSecrets('nested-longer nested')).toBe('[redacted] [redacted]');
  });

  it('does not change ordinary text', () => {
    for (const secret of ['', ' ', 'k', 'abc12', 'callweave', 'MongoDB', 'password']) knowSecret(secret);

    expect(withoutSecrets('ask callweave for k abc12: MongoDB wants a password')).toBe(
      'ask callweave for k abc12: MongoDB wants a password',
    );
  });
});

describe('the secrets of a URL', () => {
  it.each([
    ['mongodb://app:hidden-1@db:27017/calls', 'mongodb://app:[redacted]@db:27017/calls'],
    ['mongodb+srv://app:hid%40den-2@db.example/?w=majority', 'mongodb+srv://app:[redacted]@db.example/?w=majority'],
    ['mongodb://app:hid@den/3@a,b/', 'mongodb://app:[redacted]@a,b/'],
    ['mongodb://app:pw4@db/', 'mongodb://app[redacted]db/'],
    ['mongodb://a:callweave@db/callweave', 'mongodb://a[redacted]db/callweave'],
    ['mongodb://app:hidden-8@db/?appName=a@b', 'mongodb://app:[redacted]@db/?appName=a@b'],
    ['mongodb://app:hid?den@db/', 'mongodb://app:[redacted]@db/'],
    [
      'mongodb://db/?proxyHost=p&proxyUsername=me&proxyPassword=hidden-5',
      'mongodb://db/?proxyHost=p&proxyUsername=me&proxyPassword=[redacted]',
    ],
    ['mongodb://db/?tlsCertificateKeyFile=/run/key.pem', 'mongodb://db/?tlsCertificateKeyFile=/run/key.pem'],
    ['http://me:hidden-6@proxy:3128', 'http://me:[redacted]@proxy:3128'],
    ['hidden-7 is no URL', '[redacted]'],
  ])('%s is shown as %s', (url, shown) => {
    knowUrlSecrets(url);

    expect(withoutSecrets(url)).toBe(shown);
  });

  it('are hidden if a library took the URL apart', () => {
    knowUrlSecrets('http://me:apart%2B1@proxy:3128');
    knowUrlSecrets('mongodb://db/?authMechanismProperties=AWS_SESSION_TOKEN:apart-2,X:1');

    expect(withoutSecrets(`${base64('me:apart+1').replace(/=+$/, '')} apart+1 apart%2B1 token apart-2`)).toBe(
      '[redacted] [redacted] [redacted] token [redacted]',
    );
  });
});

describe('output without secrets', () => {
  it('is still JSON, even if a number or a key looks like a secret', () => {
    knowSecret('20240115');

    expect(JSON.parse(jsonWithoutSecrets({ 20240115: [20240115, 'on 20240115'] }))).toEqual({
      20240115: [20240115, 'on [redacted]'],
    });
  });

  it('may be an error of a library, with its stack, fields and causes', () => {
    knowSecret('thrown-sesame');
    const cause = new Error('because of thrown-sesame');
    const error = Object.assign(new Error('Invalid header "thrown-sesame"', { cause }), {
      header: 'thrown-sesame',
      options: { headers: { authorization: 'Bearer thrown-sesame' } },
      code: 'ERR_INVALID_CHAR',
    });

    takeSecretsOut(error);

    const { message, stack, header, options, code } = error;
    const said = [message, stack, header, JSON.stringify(options), cause.message, cause.stack].join('\n');
    expect(said).not.toContain('thrown-sesame');
    expect({ message, code }).toEqual({ message: 'Invalid header "[redacted]"', code: 'ERR_INVALID_CHAR' });
  });

  it('may be a failure in workflow history', async () => {
    knowUrlSecrets('mongodb://app:history-sesame@db');
    const failing = withFailures('drainPage', () =>
      Promise.reject(new StoreError('MongoDB: auth as app:history-sesame failed', { retryable: false })),
    );

    await expect(failing).rejects.toMatchObject({
      message: 'MongoDB: auth as app:[redacted] failed',
      nonRetryable: true,
    });
  });
});
