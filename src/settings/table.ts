import {
  accountName,
  addressOrOff,
  baseUrl,
  calendarDay,
  columnNames,
  databaseName,
  decimalNumber,
  duration,
  longSecretWord,
  oneOf,
  onOff,
  risingDurations,
  secretWord,
  sourceId,
  transactionId,
  wholeNumber,
  mongodbUri,
} from './schemas.js';
import { SOURCES, type Source } from '../domain/call.js';
import { knowUrlSecrets } from '../process/secrets.js';
import { timeZone } from './time-zone.js';
import { optional, required, withDefault, type SettingGroup } from './setting.js';

/** Variables with the proxies that libraries use, also in lower case. They are read only to redact their passwords. */
export const PROXY_NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'GRPC_PROXY'];

export const mongodbSettings = {
  MONGODB_URI: withDefault({
    schema: mongodbUri,
    default: 'mongodb://127.0.0.1:27017',
    isSecret: true,
    know: knowUrlSecrets,
    meaning: 'The connection string of the MongoDB server that stores the calls.',
  }),
  MONGODB_DATABASE: optional({
    schema: databaseName,
    defaultNote: 'the one `MONGODB_URI` names, else callweave',
    meaning: 'The database that stores the calls.',
  }),
};

/** The settings of equal meaning that each source has under its own prefix. */
const EVERY_SOURCE = {
  requestsPerSecond: withDefault({
    schema: decimalNumber({ min: 0.01, max: 1_000 }),
    default: '3',
    meaning: 'The most requests per second to the API of this account, 0.01 to 1000.',
  }),
  transcripts: withDefault({
    schema: onOff,
    default: 'on',
    meaning: '`on` or `off`. With `off`, no transcripts are fetched and `transcript.status` of new calls is `off`.',
  }),
  transcriptMaxAge: optional({
    schema: duration({ min: '1m' }),
    defaultNote: 'no limit',
    meaning: 'The greatest age of a call, when it is first stored, for which a transcript is fetched, such as `90d`.',
  }),
  transcriptDelays: withDefault({
    schema: risingDurations,
    default: '2m,5m,15m,1h,3h,6h,12h,24h',
    meaning:
      'The times after the end of a call at which its transcript is requested, until it is available. Times at or after ' +
      'the transcript deadline are ignored.',
  }),
  transcriptDeadline: withDefault({
    schema: duration({ min: '1s' }),
    default: '48h',
    meaning:
      'The time after the end of a call at which its transcript is requested for the last time. If there is still none, ' +
      '`transcript.status` is `expired`.',
  }),
};

const ACCOUNT_MEANING =
  'The name of the account, which is part of every id and unique in the installation: 1 to 40 of the characters `a-z`, ' +
  '`0-9` and `-`.';
const PLAIN_HTTP = 'Plain http is allowed only for a server on this machine.';

export const invocaSettings = {
  INVOCA_BASE_URL: required({
    schema: baseUrl({ example: 'https://<vanity>.invoca.net', mayHavePath: false }),
    meaning: `The base URL of the API, \`https://<vanity>.invoca.net\`. ${PLAIN_HTTP}`,
  }),
  INVOCA_SCOPE: withDefault({
    schema: oneOf(['networks', 'advertisers', 'affiliates']),
    default: 'networks',
    meaning: 'The kind of id that `INVOCA_ID` holds: `networks`, `advertisers` or `affiliates`.',
  }),
  INVOCA_ID: required({ schema: sourceId, meaning: 'The id of the network, advertiser or affiliate.' }),
  INVOCA_TOKEN: required({ schema: secretWord, isSecret: true, meaning: 'The API token.' }),
  INVOCA_ACCOUNT: withDefault({
    schema: accountName,
    default: 'invoca',
    meaning: ACCOUNT_MEANING,
  }),
  INVOCA_API_VERSION: withDefault({
    schema: calendarDay,
    default: '2020-10-01',
    meaning: 'The version of the Transactions API, as `YYYY-MM-DD`.',
  }),
  INVOCA_PAGE_LIMIT: withDefault({
    schema: wholeNumber({ min: 1, max: 4_000 }),
    default: '4000',
    meaning: 'The number of rows to request per page, 1 to 4000.',
  }),
  INVOCA_EXCLUDE_COLUMNS: optional({
    schema: columnNames,
    meaning:
      'Columns that are never requested and never stored, separated by commas. Use it to leave out personal data.',
  }),
  INVOCA_TIME_ZONE: optional({
    schema: timeZone,
    meaning:
      'The IANA time zone of the token, such as `America/Los_Angeles`. Commands that take days need it, and without it ' +
      'the nightly reconcile is not scheduled.',
  }),
  INVOCA_START_AFTER: optional({
    schema: transactionId,
    defaultNote: 'the oldest row',
    meaning: 'The transaction id after which the first live drain starts. It excludes `INVOCA_START_DATE`.',
  }),
  INVOCA_START_DATE: optional({
    schema: calendarDay,
    defaultNote: 'the oldest row',
    meaning: 'The day (`YYYY-MM-DD` in `INVOCA_TIME_ZONE`) at which the first live drain starts.',
  }),
  INVOCA_REQUESTS_PER_SECOND: EVERY_SOURCE.requestsPerSecond,
  INVOCA_POLL_INTERVAL: withDefault({
    schema: duration({ min: '5m' }),
    default: '5m',
    meaning: 'The interval between live drains, at least `5m` because Invoca asks for that.',
  }),
  INVOCA_RECONCILE_DAYS: withDefault({
    schema: wholeNumber({ min: 0, max: 366 }),
    default: '3',
    meaning: 'The number of days that the nightly reconcile reads again, 0 to 366. 0 turns it off.',
  }),
  INVOCA_WEBHOOK_SECRET: optional({
    schema: longSecretWord,
    isSecret: true,
    defaultNote: 'the account takes no webhooks',
    meaning:
      'The secret that webhooks of this account must show, at least 16 characters. Letters and digits (`openssl rand -hex ' +
      '24`) need no encoding in a URL.',
  }),
  INVOCA_TRANSCRIPTS: EVERY_SOURCE.transcripts,
  INVOCA_TRANSCRIPT_MAX_AGE: EVERY_SOURCE.transcriptMaxAge,
  INVOCA_TRANSCRIPT_DELAYS: EVERY_SOURCE.transcriptDelays,
  INVOCA_TRANSCRIPT_DEADLINE: EVERY_SOURCE.transcriptDeadline,
};

export const crediraSettings = {
  CREDIRA_API_KEY: required({ schema: secretWord, isSecret: true, meaning: 'The API key.' }),
  CREDIRA_BASE_URL: withDefault({
    schema: baseUrl({ example: 'https://api.credira.com/v1', mayHavePath: true }),
    default: 'https://api.credira.com/v1',
    meaning: `The base URL of the API, with its version. ${PLAIN_HTTP}`,
  }),
  CREDIRA_ACCOUNT: withDefault({
    schema: accountName,
    default: 'credira',
    meaning: ACCOUNT_MEANING,
  }),
  CREDIRA_REQUESTS_PER_SECOND: EVERY_SOURCE.requestsPerSecond,
  CREDIRA_POLL_INTERVAL: withDefault({
    schema: duration({ min: '1m' }),
    default: '15m',
    meaning: 'The interval between checks for invoices that are due, at least `1m`.',
  }),
  CREDIRA_TRANSCRIPTS: EVERY_SOURCE.transcripts,
  CREDIRA_TRANSCRIPT_MAX_AGE: EVERY_SOURCE.transcriptMaxAge,
  CREDIRA_TRANSCRIPT_DELAYS: EVERY_SOURCE.transcriptDelays,
  CREDIRA_TRANSCRIPT_DEADLINE: EVERY_SOURCE.transcriptDeadline,
};

/** Each source's account settings, and the title of their chapter in the documents. */
export const ACCOUNT_SETTINGS: Readonly<Record<Source, { readonly title: string; readonly settings: SettingGroup }>> = {
  invoca: { title: 'An Invoca account', settings: invocaSettings },
  credira: { title: 'A Credira account', settings: crediraSettings },
};

/** Lists the settings that an account of one of these sources needs: "INVOCA_BASE_URL, INVOCA_ID and INVOCA_TOKEN". */
export function requiredNamesOf(sources: readonly Source[]): string {
  const listed = new Intl.ListFormat('en-GB', { type: 'conjunction' });
  const namesPerSource = sources.map((source) => {
    const settings = Object.entries(ACCOUNT_SETTINGS[source].settings);
    return listed.format(settings.filter(([, { isRequired }]) => isRequired).map(([name]) => name));
  });
  return namesPerSource.join(', or ');
}

export const workerSettings = {
  CALLWEAVE_TRANSCRIPT_CHILDREN: withDefault({
    schema: wholeNumber({ min: 1, max: 1_000 }),
    default: '50',
    meaning: 'The number of transcript workflows that run at once per account, 1 to 1000.',
  }),
  CALLWEAVE_METRICS_ADDRESS: withDefault({
    schema: addressOrOff,
    default: 'off',
    meaning: 'The `host:port` at which the worker serves metrics for Prometheus, or `off`.',
  }),
  CALLWEAVE_HEALTH_ADDRESS: withDefault({
    schema: addressOrOff,
    default: 'off',
    meaning: 'The `host:port` at which the worker serves `/healthz` and `/readyz`, or `off`.',
  }),
  CALLWEAVE_WEBHOOK_ADDRESS: withDefault({
    schema: addressOrOff,
    default: 'off',
    meaning:
      'The `host:port` at which the worker takes webhooks, by plain HTTP, or `off`. A reverse proxy adds TLS ' +
      '(`docs/webhooks.md`).',
  }),
};

export const logSettings = {
  CALLWEAVE_LOG_LEVEL: withDefault({
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    default: 'info',
    meaning:
      'The lowest level that is logged: `trace`, `debug`, `info`, `warn`, `error` or `fatal`. With `debug` or `trace`, ' +
      'errors show their stack.',
  }),
  CALLWEAVE_LOG_FORMAT: optional({
    schema: oneOf(['pretty', 'json']),
    defaultNote: 'pretty on a terminal, else json',
    meaning: 'The format of the log: `pretty` or `json`.',
  }),
};

export const CONFIG_FILE_NAME = 'CALLWEAVE_CONFIG';
export const CONFIG_FILE_MEANING =
  'The path of a `callweave.yaml` with a list named `accounts`. Each account has ' +
  `\`source: ${SOURCES.join('` or `')}\` and the settings of its source in camelCase (\`INVOCA_BASE_URL\` is \`baseUrl\`, ` +
  '`INVOCA_ACCOUNT` is `name`). Write a secret as `${NAME}` of the environment or as the path of a file (`tokenFile`). ' +
  'To write common settings once, put them under a key with an anchor and merge them in (`<<: *name`). Beside the list, ' +
  '`alertUrl`, `alertFormat` and `alertHeartbeatUrl` may stand.';
