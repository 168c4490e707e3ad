import {
  BSON,
  MongoAPIError,
  MongoBulkWriteError,
  MongoError,
  MongoInvalidArgumentError,
  MongoServerError,
} from 'mongodb';

/** Server codes that the same request meets again: BadValue, FailedToParse, DocumentValidationFailure, BSONObjectTooLarge. */
const LASTING_CODES: ReadonlySet<unknown> = new Set([2, 9, 121, 10334]);

const DUPLICATE_KEY = 11000;

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

/** Whether a bulk write failed for nothing but documents that were there already: the rest of it is done. */
export function isOnlyDuplicates(error: unknown): error is MongoBulkWriteError {
  if (!(error instanceof MongoBulkWriteError)) return false;
  const writeErrors = [error.writeErrors].flat();
  if (writeErrors.length === 0 || error.result.getWriteConcernError() !== undefined) return false;
  return writeErrors.every((writeError) => writeError.code === DUPLICATE_KEY);
}

/** Of a bulk write that failed for nothing but documents that were there already, which operations those were; else null. */
export function indexesOfDuplicates(error: unknown): number[] | null {
  return isOnlyDuplicates(error) ? [error.writeErrors].flat().map(({ index }) => index) : null;
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
  const retryable = !LASTING_CODES.has(code) && !isMisuse(error);
  const advice = retryable ? '' : ' (the same request would fail again)';
  return new StoreError(`MongoDB: ${doing} failed: ${error.message}${advice}`, {
    retryable,
    code,
    cause: withoutDocuments(error),
  });
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
