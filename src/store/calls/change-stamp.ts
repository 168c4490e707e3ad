/**
 * Millisecond after the last change; null if there is none. The stand-in cannot add a number to a date, and MongoDB 4.4
 * has no `$dateAdd`.
 */
const AFTER_LAST_CHANGE = { $toDate: { $add: [{ $toLong: '$updatedAt' }, 1] } };

/**
 * Value of `updatedAt` in an update: the server's time, and always later than before. So the versions of one document
 * are ordered by it, and no update is stamped long before it is stored, however slow its writer is.
 */
export const CHANGED_NOW = { $max: ['$$NOW', AFTER_LAST_CHANGE] };
