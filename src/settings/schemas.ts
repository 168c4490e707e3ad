import { DateTime } from 'luxon';
import { z } from 'zod';
import { ConnectionString } from 'mongodb-connection-string-url';
import { isLoopbackHost } from '../process/loopback-host.js';

/** Reads the text of a setting to its value. Every message completes the sentence "NAME …". */
export type TextSchema<Value> = z.ZodType<Value, string>;

/** Makes a schema from `parse`, which returns undefined for a wrong text; `allowed` then completes "must be …". */
export function textTo<Value>(allowed: string, parse: (text: string) => Value | undefined): TextSchema<Value> {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `must be ${allowed}` });
    return z.NEVER;
  });
}

/** Makes a schema for texts that match the pattern. */
export function matching(allowed: string, pattern: RegExp): TextSchema<string> {
  return textTo(allowed, (text) => (pattern.test(text) ? text : undefined));
}

export function oneOf<const Choice extends string>(choices: readonly Choice[]): TextSchema<Choice> {
  return textTo(`one of ${choices.join(', ')}`, (text) => choices.find((choice) => choice === text));
}

export function wholeNumber({ min, max }: { min: number; max: number }): TextSchema<number> {
  return textTo(`a whole number from ${min} to ${max}`, (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

export function decimalNumber({ min, max }: { min: number; max: number }): TextSchema<number> {
  return textTo(`a number from ${min} to ${max}`, (text) => {
    const value = /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(?<count>\d{1,6})(?<unit>[smhd])$/;

/** Reads `90s`, `5m`, `12h` or `30d` to milliseconds; undefined for any other text and for zero. */
function parseDurationMs(text: string): number | undefined {
  const { count, unit } = DURATION.exec(text)?.groups ?? {};
  if (count === undefined || unit === undefined) return undefined;
  const durationMs = Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  return durationMs > 0 ? durationMs : undefined;
}

/** Reads a duration to milliseconds. `min` is a text such as `5m`. */
export function duration({ min }: { min: string }): TextSchema<number> {
  const minMs = parseDurationMs(min) ?? 0;
  return textTo(`a duration of at least ${min}, such as 5m or 12h (units: s, m, h, d)`, (text) => {
    const durationMs = parseDurationMs(text);
    return durationMs !== undefined && durationMs >= minMs ? durationMs : undefined;
  });
}

/** Reads a list of durations, each longer than the one before, to milliseconds. */
export const risingDurations: TextSchema<readonly number[]> = textTo(
  'durations, each longer than the one before, such as 2m,5m,1h (units: s, m, h, d)',
  (text) => {
    const durationsMs = splitList(text).map(parseDurationMs);
    const rises = durationsMs.every((durationMs, index) => (durationMs ?? 0) > (durationsMs[index - 1] ?? 0));
    return rises ? durationsMs.filter((durationMs) => durationMs !== undefined) : undefined;
  },
);

export const onOff: TextSchema<boolean> = textTo('on or off', (text) => {
  if (text === 'on') return true;
  return text === 'off' ? false : undefined;
});

/** A day that exists, as `YYYY-MM-DD`. */
export const calendarDay: TextSchema<string> = textTo('a day that exists, as YYYY-MM-DD', (text) =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid ? text : undefined,
);

export const accountName = matching('1 to 40 of the characters a-z, 0-9 and -', /^[a-z0-9-]{1,40}$/);

export const sourceId = matching('an id of letters, digits, ".", "_" and "-"', /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);

export const transactionId = matching(
  'an Invoca transaction id (up to 32 letters, digits and dashes)',
  /^[0-9A-Za-z-]{1,32}$/,
);

/** A secret that an HTTP header can hold unchanged. */
export const secretWord = matching(
  'the bare secret, in visible ASCII characters only, without "Bearer", quotes, spaces or line breaks',
  /^(?!["'`])[\x21-\x7e]+(?<!["'`])$/,
);

/** A secret that others send to us: it must not be found by trying. */
export const longSecretWord: TextSchema<string> = secretWord.refine((text) => text.length >= 16, {
  error: 'must have at least 16 characters, such as the output of `openssl rand -hex 24`',
});

/** Visible text with spaces inside, as an HTTP header holds it. */
export const headerText = matching('a text of visible ASCII characters', /^[\x20-\x7e]+$/);

export const printableWord = matching('a text without spaces and line breaks', /^[^\s\p{C}]+$/u);

export const filePath = matching('the path of a file', /^[^\0]+$/);

export const pemText = matching('text in PEM, which begins with -----BEGIN', /-----BEGIN [^\0]+-----END /);

/** `host:port` or `host`. The user of the address knows the default port. */
export const hostAndMaybePort: TextSchema<string> = textTo('host:port, such as localhost:7233', (text) => {
  const port = /^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?$/.exec(text);
  return port !== null && Number(port[1] ?? 1) >= 1 && Number(port[1] ?? 1) <= 65_535 ? text : undefined;
});

export const databaseName = matching(
  'a MongoDB database name: up to 63 characters, none of them a space or one of /\\."$*<>:|?',
  /^[^\s/\\."$*<>:|?]{1,63}$/,
);

/** `host:port`, or null for `off`. */
export const addressOrOff: TextSchema<string | null> = textTo('host:port, such as 127.0.0.1:9464, or off', (text) => {
  if (text === 'off') return null;
  const port = /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(text)?.[1];
  return Number(port) >= 1 && Number(port) <= 65_535 ? text : undefined;
});

/** Columns without which rows can be neither keyed nor merged. */
const NEEDED_COLUMNS = [
  'transaction_id',
  'complete_call_id',
  'transaction_type',
  'corrects_transaction_id',
  'corrected_at',
];

export const columnNames: TextSchema<string[]> = textTo(
  `column names separated by commas, none of ${NEEDED_COLUMNS.join(', ')} (rows cannot be merged without these)`,
  (text) => {
    const names = [...new Set(splitList(text))];
    return names.includes('') || names.some((name) => NEEDED_COLUMNS.includes(name)) ? undefined : names;
  },
);

function splitList(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/**
 * Reads a base URL and removes the slash at its end. Plain http is allowed only for a server on this machine, because
 * each request sends the token.
 */
export function baseUrl({ example, mayHavePath }: { example: string; mayHavePath: boolean }): TextSchema<string> {
  return z.string().transform((text, context) => {
    const trouble = baseUrlTrouble(text, mayHavePath);
    if (trouble === null) return withoutSlash(new URL(text));
    context.addIssue({ code: 'custom', message: `must be a URL such as ${example}: ${trouble}` });
    return z.NEVER;
  });
}

function baseUrlTrouble(text: string, mayHavePath: boolean): string | null {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return 'it must begin with https:// and name a host';
  const url = new URL(text);
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return 'plain http is allowed only for this machine (localhost, 127.0.0.1, [::1]), use https';
  }
  if (url.username !== '' || url.password !== '' || text.includes('@'))
    return 'it must not contain a user name or password';
  if (/[?#]/.test(text)) return 'it must not contain a query or a fragment';
  if (/\s/.test(text)) return 'it must not contain spaces';
  if (!mayHavePath && url.pathname !== '/') return 'it must not contain a path';
  return null;
}

function withoutSlash(url: URL): string {
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** A connection string the driver can read, without invisible characters, which the driver would send. */
export const mongodbUri: TextSchema<string> = textTo(
  'a MongoDB connection string: mongodb://host:port/… or mongodb+srv://host/…, special characters in user and password percent-encoded',
  (text) => (/^mongodb(\+srv)?:\/\/[^\s/]/.test(text) && !/[\s\p{C}]/u.test(text) && parse(text) ? text : undefined),
);

/** Returns the database that a connection string names, or null. */
export function databaseIn(uri: string): string | null {
  return decodeURIComponent(parse(uri)?.pathname.slice(1) ?? '') || null;
}

/** True if the driver can read a host of a connection string, `host`, `host:port` or the path of a socket. */
function isHost(host: string): boolean {
  if (host.endsWith('.sock')) return true;
  return URL.canParse(`tcp://${host}`) && !/:0+$/.test(host);
}

/** Parses a connection string. The driver's errors are dropped, because they may quote a password. */
function parse(text: string): ConnectionString | null {
  try {
    const uri = new ConnectionString(text);
    decodeURIComponent(`${uri.username}${uri.password}${uri.pathname}${uri.hosts.join('')}`);
    return uri.hosts.every(isHost) ? uri : null;
  } catch {
    return null;
  }
}
