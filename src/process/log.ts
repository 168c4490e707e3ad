import type { Logger as TemporalLogger, LogLevel as TemporalLevel, LogMetadata } from '@temporalio/common';
import { pino, stdSerializers, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { harmlessJson, harmlessText } from './harmless-text.js';
import { jsonWithoutSecrets, withoutSecrets } from './secrets.js';
import type { Settings } from '../settings/settings.js';

export type Log = Logger;

/** Keys whose values are never written, at any depth of a line. */
const SECRET_KEY = /token|authorization|api_?-?key|password|secret|credential|cookie|mongodb_?uri/i;
const REDACTED = '[redacted]';

/**
 * Creates the log, on stderr: by default pretty on a terminal and JSON lines elsewhere. Messages are static; what
 * varies is in the fields. A field named like a secret is written as `[redacted]`, and so is every known secret
 * anywhere in a line. Control characters are written as escapes, so they do not act on a terminal.
 */
export function createLog({
  logLevel,
  logFormat,
  stream = process.stderr,
}: Pick<Settings, 'logLevel' | 'logFormat'> & { stream?: NodeJS.WritableStream & { isTTY?: boolean } }): Log {
  const isPretty = (logFormat ?? (stream.isTTY === true ? 'pretty' : 'json')) === 'pretty';
  const destination = isPretty
    ? PinoPretty({ destination: stream, colorize: stream.isTTY === true, ignore: 'pid,hostname', sync: true })
    : stream;
  return pino(
    {
      level: logLevel,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => Object.fromEntries(Object.entries(fields).map(redactEntry)),
      },
      hooks: {
        streamWrite: (line) => {
          const told = lineWithoutSecrets(line);
          return isPretty ? harmlessStrings(told) : harmlessJson(told);
        },
      },
      serializers: { err: (error: Error) => redact({ ...stdSerializers.err(error) }) },
    },
    destination,
  );
}

/** Makes the strings of a JSON line safe to show on a terminal. */
function harmlessStrings(line: string): string {
  const shown: unknown = JSON.parse(line, (_, value: unknown) =>
    typeof value === 'string' ? harmlessText(value) : value,
  );
  return `${JSON.stringify(shown)}\n`;
}

/** Returns a logger for `Runtime.install` that writes the lines of the SDK and the workflows to this log. */
export function temporalLogger(log: Log): TemporalLogger {
  const write = (level: TemporalLevel, message: string, meta: LogMetadata = {}): void => {
    const { error, ...fields } = meta;
    log[PINO_LEVELS[level]](error instanceof Error ? { ...fields, err: error } : meta, message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Takes known secrets out of a finished line, which includes the output of any `toJSON` method. */
function lineWithoutSecrets(line: string): string {
  return withoutSecrets(line) === line ? line : `${jsonWithoutSecrets(JSON.parse(line))}\n`;
}

function redactEntry([key, value]: [string, unknown]): [string, unknown] {
  return [key, SECRET_KEY.test(key) ? REDACTED : redact(value)];
}

/** Redacts lists and plain objects; leaves errors to their serializer, and dates and other objects to JSON. */
function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  return isPlainObject(value) ? Object.fromEntries(Object.entries(value).map(redactEntry)) : value;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
