import { filePath, headerText, hostAndMaybePort, oneOf, pemText, printableWord, secretWord } from './schemas.js';
import { optional } from './setting.js';

/** Read for `@temporalio/envconfig`, which knows a few more. */
export const temporalSettings = {
  TEMPORAL_ADDRESS: optional({
    schema: hostAndMaybePort,
    defaultNote: 'localhost:7233',
    meaning: 'The Temporal frontend, `host:port`.',
  }),
  TEMPORAL_NAMESPACE: optional({
    schema: printableWord,
    defaultNote: 'default',
    meaning: 'The namespace everything runs in.',
  }),
  TEMPORAL_API_KEY: optional({
    schema: secretWord,
    isSecret: true,
    hasFile: false,
    meaning: 'For Temporal Cloud; switches TLS on.',
  }),
  TEMPORAL_TLS: optional({
    schema: oneOf(['true', 'false', '1', '0']),
    meaning: '`true` or `false`: TLS without, or in spite of, an API key.',
  }),
  TEMPORAL_TLS_CLIENT_CERT_PATH: optional({
    schema: filePath,
    meaning: 'mTLS: the client certificate (or its PEM text in `TEMPORAL_TLS_CLIENT_CERT_DATA`).',
  }),
  TEMPORAL_TLS_CLIENT_KEY_PATH: optional({
    schema: filePath,
    meaning: 'mTLS: the private key (or its PEM text in `TEMPORAL_TLS_CLIENT_KEY_DATA`).',
  }),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: optional({
    schema: filePath,
    meaning: 'A CA of your own (or its PEM text in `TEMPORAL_TLS_SERVER_CA_CERT_DATA`).',
  }),
  TEMPORAL_TLS_SERVER_NAME: optional({
    schema: printableWord,
    meaning: 'The name expected in the server certificate.',
  }),
  TEMPORAL_PROFILE: optional({
    schema: printableWord,
    defaultNote: 'default',
    meaning: 'The profile of `temporal.toml` to use; `TEMPORAL_CONFIG_FILE` is the path of that file.',
  }),
};

/** Read along with those above, and documented there. */
export const furtherTemporalSettings = {
  TEMPORAL_CONFIG_FILE: optional({ schema: filePath, meaning: 'The path of `temporal.toml`.' }),
  TEMPORAL_TLS_CLIENT_CERT_DATA: optional({ schema: pemText, meaning: 'The client certificate.' }),
  TEMPORAL_TLS_CLIENT_KEY_DATA: optional({
    schema: pemText,
    isSecret: true,
    hasFile: false,
    meaning: 'The private key.',
  }),
  TEMPORAL_TLS_SERVER_CA_CERT_DATA: optional({ schema: pemText, meaning: 'A CA of your own.' }),
};

/** What these headers hold is known to their owner alone. */
export const temporalHeader = optional({
  schema: headerText,
  isSecret: true,
  hasFile: false,
  meaning: 'A header of every request to Temporal.',
});
