import {
  BSON,
  type Collection,
  type Document,
  MongoAPIError,
  MongoBulkWriteError,
  MongoError,
  MongoInvalidArgumentError,
  MongoServerError,
  type OptionalUnlessRequiredId,
  type WriteError,
} from 'mongodb';

/** Codes with which servers of different versions refuse a document that is larger than they store. */
const OUTGROWN_CODES: readonly number[] = [10334, 17419, 17420];

/**
 * Server codes that the same request would get again, because they concern its documents or its form: BadValue,
 * FailedToParse, TypeMismatch, Overflow (nested too deeply), InvalidBSON, DollarPrefixedFieldName, EmptyFieldName,
 * DottedFieldName, ImmutableField, DocumentValidationFailure, CannotIndexParallelArrays, KeyTooLong.
 */
const LASTING_CODES: ReadonlySet<unknown> = new Set([
  ...[2, 9, 14, 15, 22, 52, 56, 57, 66, 121, 171, 17280],
  ...OUTGROWN_CODES,
]);

const DUPLICATE_KEY = 11000;

const NO_MAJORITY =
  'no majority of the replica set confirmed the write within 30 seconds: run rs.status() to see which members are down ' +
  'or too slow';

/**
 * Server codes of an operation that was interrupted and that another attempt may well finish: the server goes away or
 * is no longer the primary (HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown,
 * ExceededTimeLimit, SocketException, NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange,
 * NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary), or it closed a cursor (CursorNotFound, QueryPlanKilled,
 * CursorKilled).
 */
const BROKEN_OFF_CODES: ReadonlySet<number | null> = new Set([
  ...[6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436],
  ...[43, 175, 237],
]);

/** Advice for an operator by server code: WriteConcernFailed (a timeout), UnsatisfiableWriteConcern. */
const ADVICE: ReadonlyMap<unknown, string> = new Map([
  [64, NO_MAJORITY],
  [100, NO_MAJORITY],
]);

/**
 * A failed operation on MongoDB: what was being done, to what, and what the server or driver answered. `retryable` is
 * false only if the same operation is sure to fail again (a document the server refuses, a bug).
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly retryable: boolean;
  /** The server's error code; null if it gave none. */
  readonly code: number | null;

  constructor(message: string, options: { retryable: boolean; code?: number | null; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable;
    this.code = options.code ?? null;
  }
}

/**
 * Runs an operation and turns an error of the driver into a `StoreError` whose message names `doing`
 * (`"calls: reading 500 calls from invoca:1 on"`). Any other error is a bug and is thrown unchanged.
 */
export async function describing<T>(doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!isFromBelow(error)) throw error;
    throw toStoreError(doing, error);
  }
}

/** True if the network or the server interrupted the operation. */
export function isBrokenOff(error: unknown): boolean {
  return error instanceof StoreError && error.retryable && (error.code === null || BROKEN_OFF_CODES.has(error.code));
}

/** True if a bulk write failed only because documents exist already: all its other writes are done. */
function isOnlyDuplicates(error: unknown): error is MongoBulkWriteError {
  const writeErrors = writeErrorsAlone(error);
  return writeErrors.length > 0 && writeErrors.every(({ code }) => code === DUPLICATE_KEY);
}

/** Inserts the documents that do not exist yet and returns their number. Throws the driver's errors. */
export async function insertNew<Doc extends Document>(
  collection: Collection<Doc>,
  documents: readonly OptionalUnlessRequiredId<Doc>[],
): Promise<number> {
  try {
    return (await collection.insertMany(documents, { ordered: false })).insertedCount;
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
    return error.insertedCount;
  }
}

/**
 * Returns the indexes of the operations whose document exists already, if the bulk write failed only for that; else
 * null.
 */
export function indexesOfDuplicates(error: unknown): number[] | null {
  return isOnlyDuplicates(error) ? [error.writeErrors].flat().map(({ index }) => index) : null;
}

/**
 * Returns the indexes of the operations whose document would be larger than the server stores. Null if the bulk write
 * failed for anything but that and documents that exist already.
 */
export function indexesOfOutgrown(error: unknown): number[] | null {
  const writeErrors = writeErrorsAlone(error);
  const outgrown = writeErrors.filter(({ code }) => OUTGROWN_CODES.includes(code));
  const others = writeErrors.filter(({ code }) => !OUTGROWN_CODES.includes(code) && code !== DUPLICATE_KEY);
  return writeErrors.length === 0 || others.length > 0 ? null : outgrown.map(({ index }) => index);
}

/** Returns the errors of a bulk write's single operations; empty for any other error or a failed write concern. */
function writeErrorsAlone(error: unknown): readonly WriteError[] {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined) return [];
  return [error.writeErrors].flat();
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** True for errors of the driver, and for those of the operating system it passes on (name resolution, key files). */
function isFromBelow(error: unknown): error is Error {
  if (error instanceof MongoError || error instanceof BSON.BSONError) return true;
  return error instanceof Error && 'syscall' in error;
}

function toStoreError(doing: string, error: Error): StoreError {
  const code = error instanceof MongoServerError && typeof error.code === 'number' ? error.code : null;
  const codes = codesOf(error);
  const retryable = !codes.some((each) => LASTING_CODES.has(each)) && !isMisuse(error);
  const advice = codes.map((each) => ADVICE.get(each)).find((each) => each !== undefined);
  const remark = retryable ? (advice ?? '') : 'the same request would fail again';
  return new StoreError(`MongoDB: ${doing} failed: ${wordsOf(error)}${remark === '' ? '' : ` (${remark})`}`, {
    retryable,
    code,
    cause: withoutDocuments(error),
  });
}

/** Returns the message, in plain words if the driver found no server and knows no reason. */
function wordsOf({ message }: Error): string {
  return message.startsWith('Server selection timed out')
    ? 'the server does not answer, or none accepts writes'
    : message;
}

/** Returns all codes of an error: the first error of a bulk write may be temporary while another is lasting. */
function codesOf(error: Error): readonly unknown[] {
  if (!(error instanceof MongoServerError)) return [];
  if (!(error instanceof MongoBulkWriteError)) return [error.code];
  const writeErrors = [error.writeErrors].flat();
  return [error.code, error.result.getWriteConcernError()?.code, ...writeErrors.map(({ code }) => code)];
}

/** True if the driver refused our arguments; false if the client was closed or lost its server. */
function isMisuse(error: Error): boolean {
  if (error instanceof BSON.BSONError || error instanceof MongoInvalidArgumentError) return true;
  return error instanceof MongoAPIError && error.constructor === MongoAPIError;
}

/** Returns a bulk write's error without the documents it carries: an error must not contain phone numbers. */
function withoutDocuments(error: Error): Error {
  if (!(error instanceof MongoBulkWriteError)) return error;
  const { name, message, code, stack } = error;
  return Object.assign(new Error(message), { name, code, stack });
}
