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

/** What servers of different versions say of a document that would be larger than they store. */
const OUTGROWN_CODES: readonly number[] = [10334, 17419, 17420];

/**
 * Server codes that the same request meets again, because they are about its documents or its form: BadValue,
 * FailedToParse, TypeMismatch, Overflow (nested too deeply), InvalidBSON, DollarPrefixedFieldName, EmptyFieldName,
 * DottedFieldName, ImmutableField, DocumentValidationFailure, CannotIndexParallelArrays, KeyTooLong.
 */
const LASTING_CODES: ReadonlySet<unknown> = new Set([
  ...[2, 9, 14, 15, 22, 52, 56, 57, 66, 121, 171, 17280],
  ...OUTGROWN_CODES,
]);

const DUPLICATE_KEY = 11000;

const NO_MAJORITY =
  'no majority of the replica set confirmed the write within 30 seconds: see which members are down or lag behind, ' +
  'with rs.status()';

/**
 * Server codes of an operation that was broken off, and that another attempt may well finish: the server goes away or
 * is no primary any more (HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown,
 * ExceededTimeLimit, SocketException, NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange,
 * NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary), or it has given up a cursor (CursorNotFound, QueryPlanKilled,
 * CursorKilled).
 */
const BROKEN_OFF_CODES: ReadonlySet<number | null> = new Set([
  ...[6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436],
  ...[43, 175, 237],
]);

/** What to do about an error, by the server's code: WriteConcernFailed (a timeout), UnsatisfiableWriteConcern. */
const ADVICE: ReadonlyMap<unknown, string> = new Map([
  [64, NO_MAJORITY],
  [100, NO_MAJORITY],
]);

/**
 * An operation on MongoDB that failed: what was being done, to what, and what the server or driver said.
 * `retryable` is false only where the same operation is sure to fail again (a document the server refuses, a bug).
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly retryable: boolean;
  /** The server's error code, where it gave one. */
  readonly code: number | null;

  constructor(message: string, options: { retryable: boolean; code?: number | null; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable;
    this.code = options.code ?? null;
  }
}

/**
 * Runs an operation; what the driver throws comes out as a `StoreError` that begins with `doing`
 * (`"calls: reading 500 calls of account invoca"`). Anything else is a bug of ours and passes as it is.
 */
export async function describing<T>(doing: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!isFromBelow(error)) throw error;
    throw toStoreError(doing, error);
  }
}

/** Whether an operation was broken off on the way, be it by the network or by the server. */
export function isBrokenOff(error: unknown): boolean {
  return error instanceof StoreError && error.retryable && (error.code === null || BROKEN_OFF_CODES.has(error.code));
}

/** Whether a bulk write failed for nothing but documents that were there already: the rest of it is done. */
function isOnlyDuplicates(error: unknown): error is MongoBulkWriteError {
  const writeErrors = writeErrorsAlone(error);
  return writeErrors.length > 0 && writeErrors.every(({ code }) => code === DUPLICATE_KEY);
}

/** Inserts the documents, of which those that are there already stay as they are. Returns how many are new. */
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
 * Of a bulk write that failed for nothing but documents that were there already, which operations those were; else
 * null.
 */
export function indexesOfDuplicates(error: unknown): number[] | null {
  return isOnlyDuplicates(error) ? [error.writeErrors].flat().map(({ index }) => index) : null;
}

/**
 * Indexes of the operations of a bulk write whose document would be larger than the server stores; null where it failed
 * for anything but these and documents that were there already.
 */
export function indexesOfOutgrown(error: unknown): number[] | null {
  const writeErrors = writeErrorsAlone(error);
  const outgrown = writeErrors.filter(({ code }) => OUTGROWN_CODES.includes(code));
  const others = writeErrors.filter(({ code }) => !OUTGROWN_CODES.includes(code) && code !== DUPLICATE_KEY);
  return writeErrors.length === 0 || others.length > 0 ? null : outgrown.map(({ index }) => index);
}

/** Of a bulk write that failed for single operations, and for nothing that is about all of them. */
function writeErrorsAlone(error: unknown): readonly WriteError[] {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined) return [];
  return [error.writeErrors].flat();
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** Thrown by the driver, or by the operating system where the driver passes that on (name resolution, key files). */
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
  return new StoreError(`MongoDB: ${doing} failed: ${error.message}${remark === '' ? '' : ` (${remark})`}`, {
    retryable,
    code,
    cause: withoutDocuments(error),
  });
}

/** The first of several errors of a bulk write may pass where another does not. */
function codesOf(error: Error): readonly unknown[] {
  if (!(error instanceof MongoServerError)) return [];
  if (!(error instanceof MongoBulkWriteError)) return [error.code];
  const writeErrors = [error.writeErrors].flat();
  return [error.code, error.result.getWriteConcernError()?.code, ...writeErrors.map(({ code }) => code)];
}

/** The driver refusing our arguments, as against a client that was closed or lost its server. */
function isMisuse(error: Error): boolean {
  if (error instanceof BSON.BSONError || error instanceof MongoInvalidArgumentError) return true;
  return error instanceof MongoAPIError && error.constructor === MongoAPIError;
}

/** A bulk write's error carries the documents it was to write; phone numbers have no place in an error. */
function withoutDocuments(error: Error): Error {
  if (!(error instanceof MongoBulkWriteError)) return error;
  const { name, message, code, stack } = error;
  return Object.assign(new Error(message), { name, code, stack });
}
