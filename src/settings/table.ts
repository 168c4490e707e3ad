import {
  accountName,
  addressOrOff,
  baseUrl,
  calendarDay,
  columnNames,
  databaseName,
  decimalNumber,
  duration,
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

/** Proxies of libraries, in either case: read only to know their passwords. */
export const PROXY_NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'GRPC_PROXY'];

export const mongodbSettings = {
  MONGODB_URI: withDefault({
    schema: mongodbUri,
    default: 'mongodb://127.0.0.1:27017',
    isSecret: true,
    know: knowUrlSecrets,
    meaning: 'Where the calls are kept.',
  }),
  MONGODB_DATABASE: optional({
    schema: databaseName,
    defaultNote: 'the one `MONGODB_URI` names, else callweave',
    meaning: 'The database within it.',
  }),
};

export const invocaSettings = {
  INVOCA_BASE_URL: required({
    schema: baseUrl({ example: 'https://<vanity>.invoca.net', mayHavePath: false }),
    meaning: '`https://<vanity>.invoca.net`. Plain http is allowed for a server on this machine only.',
  }),
  INVOCA_SCOPE: withDefault({
    schema: oneOf(['networks', 'advertisers', 'affiliates']),
    default: 'networks',
    meaning: 'What `INVOCA_ID` is the id of: `networks`, `advertisers` or `affiliates`.',
  }),
  INVOCA_ID: required({ schema: sourceId, meaning: 'The id of the network, advertiser or affiliate.' }),
  INVOCA_TOKEN: required({ schema: secretWord, isSecret: true, meaning: 'The API token.' }),
  INVOCA_ACCOUNT: withDefault({
    schema: accountName,
    default: 'invoca',
    meaning: 'The name of the account: part of every id, unique in the installation. 1 to 40 of `a-z`, `0-9`, `-`.',
  }),
  INVOCA_API_VERSION: withDefault({
    schema: calendarDay,
    default: '2020-10-01',
    meaning: 'The version of the Transactions API, a day.',
  }),
  INVOCA_PAGE_LIMIT: withDefault({
    schema: wholeNumber({ min: 1, max: 4_000 }),
    default: '4000',
    meaning: 'Rows asked for in one request, 1 to 4000.',
  }),
  INVOCA_EXCLUDE_COLUMNS: optional({
    schema: columnNames,
    meaning: 'Columns never asked for and never stored (personal data one does not want), with commas between.',
  }),
  INVOCA_TIME_ZONE: optional({
    schema: timeZone,
    meaning:
      'The IANA zone of the token, such as `America/Los_Angeles`: what a day means. Needed by everything that takes ' +
      'days; without it the nightly reconcile is not scheduled.',
  }),
  INVOCA_START_AFTER: optional({
    schema: transactionId,
    defaultNote: 'the oldest',
    meaning: 'Where the first live drain starts: after this transaction id. Not together with `INVOCA_START_DATE`.',
  }),
  INVOCA_START_DATE: optional({
    schema: calendarDay,
    defaultNote: 'the oldest',
    meaning: 'Where the first live drain starts: at this day (`YYYY-MM-DD`), in the zone `INVOCA_TIME_ZONE`.',
  }),
  INVOCA_REQUESTS_PER_SECOND: withDefault({
    schema: decimalNumber({ min: 0.01, max: 1_000 }),
    default: '3',
    meaning: 'Ceiling for the account, 0.01 to 1000.',
  }),
  INVOCA_POLL_INTERVAL: withDefault({
    schema: duration({ min: '5m' }),
    default: '5m',
    meaning: 'How often the live feed is drained. Invoca asks for 5 minutes or more; less is refused.',
  }),
  INVOCA_RECONCILE_DAYS: withDefault({
    schema: wholeNumber({ min: 0, max: 366 }),
    default: '3',
    meaning: 'How many days the nightly reconcile reads again, 0 to 366; 0 turns it off.',
  }),
  INVOCA_TRANSCRIPTS: withDefault({
    schema: onOff,
    default: 'on',
    meaning: '`off`: transcripts are not fetched (`transcript.status` is `off`).',
  }),
  INVOCA_TRANSCRIPT_MAX_AGE: optional({
    schema: duration({ min: '1m' }),
    defaultNote: 'none',
    meaning: 'No transcripts for calls older than this when they are first seen, such as `90d`.',
  }),
  INVOCA_TRANSCRIPT_DELAYS: withDefault({
    schema: risingDurations,
    default: '2m,5m,15m,1h,3h,6h,12h,24h',
    meaning: 'When to look for a transcript, counted from the end of the call. Looks after the deadline are left out.',
  }),
  INVOCA_TRANSCRIPT_DEADLINE: withDefault({
    schema: duration({ min: '1s' }),
    default: '48h',
    meaning: 'The last look; then the transcript is `expired`.',
  }),
};

export const crediraSettings = {
  CREDIRA_API_KEY: required({ schema: secretWord, isSecret: true, meaning: 'The API key.' }),
  CREDIRA_BASE_URL: withDefault({
    schema: baseUrl({ example: 'https://api.credira.com/v1', mayHavePath: true }),
    default: 'https://api.credira.com/v1',
    meaning: 'Plain http is allowed for a server on this machine only.',
  }),
  CREDIRA_ACCOUNT: withDefault({
    schema: accountName,
    default: 'credira',
    meaning: 'The name of the account, as `INVOCA_ACCOUNT`.',
  }),
  CREDIRA_REQUESTS_PER_SECOND: withDefault({
    schema: decimalNumber({ min: 0.01, max: 1_000 }),
    default: '3',
    meaning: 'Ceiling for the account, 0.01 to 1000.',
  }),
  CREDIRA_POLL_INTERVAL: withDefault({
    schema: duration({ min: '1m' }),
    default: '15m',
    meaning: 'How often the invoices are asked about.',
  }),
  CREDIRA_TRANSCRIPTS: withDefault({ schema: onOff, default: 'on', meaning: 'As `INVOCA_TRANSCRIPTS`.' }),
  CREDIRA_TRANSCRIPT_MAX_AGE: optional({
    schema: duration({ min: '1m' }),
    defaultNote: 'none',
    meaning: 'As `INVOCA_TRANSCRIPT_MAX_AGE`.',
  }),
  CREDIRA_TRANSCRIPT_DELAYS: withDefault({
    schema: risingDurations,
    default: '2m,5m,15m,1h,3h,6h,12h,24h',
    meaning: 'As `INVOCA_TRANSCRIPT_DELAYS`.',
  }),
  CREDIRA_TRANSCRIPT_DEADLINE: withDefault({
    schema: duration({ min: '1s' }),
    default: '48h',
    meaning: 'As `INVOCA_TRANSCRIPT_DEADLINE`.',
  }),
};

/** The settings of an account of each source, and the title of their chapter. */
export const ACCOUNT_SETTINGS: Readonly<Record<Source, { readonly title: string; readonly settings: SettingGroup }>> = {
  invoca: { title: 'An Invoca account', settings: invocaSettings },
  credira: { title: 'A Credira account', settings: crediraSettings },
};

/** Says what makes an account of one of these sources, as "INVOCA_BASE_URL, INVOCA_ID and INVOCA_TOKEN". */
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
    meaning: 'Transcript workflows in flight per account, 1 to 1000.',
  }),
  CALLWEAVE_METRICS_ADDRESS: withDefault({
    schema: addressOrOff,
    default: 'off',
    meaning: '`host:port` where Prometheus finds the metrics, or `off`.',
  }),
  CALLWEAVE_HEALTH_ADDRESS: withDefault({
    schema: addressOrOff,
    default: 'off',
    meaning: '`host:port` of `/healthz` and `/readyz`, or `off`.',
  }),
};

export const logSettings = {
  CALLWEAVE_LOG_LEVEL: withDefault({
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    default: 'info',
    meaning: '`trace`, `debug`, `info`, `warn`, `error` or `fatal`. Errors show their stack from `debug` on.',
  }),
  CALLWEAVE_LOG_FORMAT: optional({
    schema: oneOf(['pretty', 'json']),
    defaultNote: 'pretty on a terminal, else json',
    meaning: '`pretty` or `json`.',
  }),
};

/** The path of a `callweave.yaml` with a list of accounts. */
export const CONFIG_FILE_NAME = 'CALLWEAVE_CONFIG';
export const CONFIG_FILE_MEANING =
  'The path of a `callweave.yaml`: under `accounts`, a list with the same settings in camelCase ' +
  `(\`INVOCA_BASE_URL\` is \`baseUrl\`, \`INVOCA_ACCOUNT\` is \`name\`) and \`source: ${SOURCES.join('` or `')}\`. Secrets as ` +
  '`${NAME}` of the environment or as a path (`tokenFile`). What accounts have in common may stand once, under a key ' +
  'with an anchor, and be merged in (`<<: *name`).';
