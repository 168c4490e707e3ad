/** A failed connection, in words for an operator. */
export interface NetworkTrouble {
  /** The failure, for example "could not resolve host api.example.com". */
  readonly words: string;
  readonly advice: string;
}

interface Kind {
  readonly codes: RegExp;
  /** Takes the host name, with the port unless it is the default of the scheme, and the words for what names it. */
  readonly describe: (host: string, setting: string) => NetworkTrouble;
}

const KINDS: readonly Kind[] = [
  {
    codes: /^(ENOTFOUND|EAI_.*|ENODATA|ESERVFAIL|EREFUSED|ENONAME|EBADNAME)$/,
    describe: (host, setting) => ({
      words: `could not resolve host ${host}`,
      advice: `Check the host name in ${setting}, and that this machine has working DNS.`,
    }),
  },
  {
    codes: /^ECONNREFUSED$/,
    describe: (host, setting) => ({
      words: `${host} refused the connection`,
      advice: `Check the host and port of ${setting}: nothing answers there.`,
    }),
  },
  {
    codes: /^(ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL)$/,
    describe: (host, setting) => ({
      words: `could not connect to ${host}`,
      advice: `Check ${setting}, and the network and firewall between this machine and that host.`,
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
        "Check this machine's clock. If it is right, the operator of the host must renew the certificate. " +
        'A certificate of your own CA is trusted only if NODE_EXTRA_CA_CERTS names a PEM file with that CA.',
    }),
  },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    describe: (host) => ({
      words: `the TLS certificate of ${host} is not valid yet`,
      advice: "Check this machine's clock. If it is right, the operator of the host must replace the certificate.",
    }),
  },
  {
    codes: /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    describe: (host, setting) => ({
      words: `the TLS certificate of ${host} is for another host name`,
      advice: `Check the host name in ${setting}.`,
    }),
  },
  {
    codes: /^(CERT_.*|CRL_.*|.*SELF_SIGNED_CERT.*|UNABLE_TO_.*|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED)$/,
    describe: (host, setting) => ({
      words: `the TLS certificate of ${host} is not trusted`,
      advice:
        'If the certificate is your own or that of a proxy that decrypts TLS, set NODE_EXTRA_CA_CERTS to a PEM file with ' +
        `its CA and restart. Otherwise check ${setting}: this may not be the API.`,
    }),
  },
  {
    codes: /^(EPROTO|ERR_SSL_.*|ERR_TLS_.*)$/,
    describe: (host, setting) => ({
      words: `no TLS connection could be made with ${host}`,
      advice: `Check the scheme (https:// or http://) and the port of ${setting}.`,
    }),
  },
  {
    codes: /^HPE_/,
    describe: (host, setting) => ({
      words: `${host} answered something that is not HTTP`,
      advice: `Check the scheme (https:// or http://) and the port of ${setting}.`,
    }),
  },
  {
    codes: /^(EMFILE|ENFILE|ENOBUFS|ENOMEM)$/,
    describe: (host) => ({
      words: `this machine has no resources left for a connection to ${host}`,
      advice: 'Check its limits on open files and its free memory.',
    }),
  },
];

/**
 * Explains an error code of Node.js or OpenSSL. An unknown code counts as an interrupted connection. `setting` is what
 * names the host, the base URL unless stated.
 */
export function networkTrouble(code: string, { host }: Pick<URL, 'host'>, setting = 'the base URL'): NetworkTrouble {
  const kind = KINDS.find(({ codes }) => codes.test(code));
  if (kind !== undefined) return kind.describe(host, setting);
  return {
    words: `the connection to ${host} was interrupted`,
    advice: `If this continues, check the scheme and port of ${setting}, and the network to that host.`,
  };
}
