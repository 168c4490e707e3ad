import { filePath, headerText, hostAndMaybePort, oneOf, pemText, printableWord, secretWord } from './schemas.js';
import { optional } from './setting.js';

/** The settings of `@temporalio/envconfig` that callweave checks and documents; the package knows a few more. */
export const temporalSettings = {
  TEMPORAL_ADDRESS: optional({
    schema: hostAndMaybePort,
    defaultNote: 'localhost:7233',
    meaning: 'The `host:port` of the Temporal frontend.',
  }),
  TEMPORAL_NAMESPACE: optional({
    schema: printableWord,
    defaultNote: 'default',
    meaning: 'The namespace in which all workflows and schedules run.',
  }),
  TEMPORAL_API_KEY: optional({
    schema: secretWord,
    isSecret: true,
    hasFile: false,
    meaning: 'The API key for Temporal Cloud. It turns TLS on.',
  }),
  TEMPORAL_TLS: optional({
    schema: oneOf(['true', 'false', '1', '0']),
    meaning: '`true` turns TLS on without an API key, `false` turns it off in spite of one.',
  }),
  TEMPORAL_TLS_CLIENT_CERT_PATH: optional({
    schema: filePath,
    meaning: 'The path of the client certificate for mTLS. Or `TEMPORAL_TLS_CLIENT_CERT_DATA`: its PEM text.',
  }),
  TEMPORAL_TLS_CLIENT_KEY_PATH: optional({
    schema: filePath,
    meaning: 'The path of the private key for mTLS. Or `TEMPORAL_TLS_CLIENT_KEY_DATA`: its PEM text.',
  }),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: optional({
    schema: filePath,
    meaning:
      'The path of the CA certificate that the server certificate is checked against. Or ' +
      '`TEMPORAL_TLS_SERVER_CA_CERT_DATA`: its PEM text.',
  }),
  TEMPORAL_TLS_SERVER_NAME: optional({
    schema: printableWord,
    meaning: 'The host name that the server certificate must have.',
  }),
  TEMPORAL_PROFILE: optional({
    schema: printableWord,
    defaultNote: 'default',
    meaning: 'The profile of `temporal.toml` to use. `TEMPORAL_CONFIG_FILE` is the path of that file.',
  }),
};

/** Further settings, which the meanings of {@link temporalSettings} mention. */
export const furtherTemporalSettings = {
  TEMPORAL_CONFIG_FILE: optional({ schema: filePath, meaning: 'The path of `temporal.toml`.' }),
  TEMPORAL_TLS_CLIENT_CERT_DATA: optional({ schema: pemText, meaning: 'The client certificate.' }),
  TEMPORAL_TLS_CLIENT_KEY_DATA: optional({
    schema: pemText,
    isSecret: true,
    hasFile: false,
    meaning: 'The private key.',
  }),
  TEMPORAL_TLS_SERVER_CA_CERT_DATA: optional({ schema: pemText, meaning: 'The CA certificate.' }),
};

/** The setting of each `TEMPORAL_GRPC_META_*`. It is a secret, because a header may hold a credential. */
export const temporalHeader = optional({
  schema: headerText,
  isSecret: true,
  hasFile: false,
  meaning: 'A header of every request to Temporal.',
});
