import type { CrediraCall } from '../../domain/credira/credira-call.js';
import type { SourceError } from '../../sources/errors.js';
import type { RejectedRow } from '../../domain/rejected-row.js';
import type { ActivityDependencies, InvoiceAccount } from '../dependencies.js';
import { announceLooks } from '../transcripts/next-look.js';

/**
 * Writes calls, then rejects, and announces the looks for transcripts. All steps are idempotent and may be repeated
 * after a crash.
 */
export async function writeCrediraCalls({
  deps,
  account,
  origin,
  calls,
  rejects,
  seenAt,
}: {
  deps: ActivityDependencies;
  account: InvoiceAccount;
  /** Stored with each reject as its origin. */
  origin: string;
  calls: readonly CrediraCall[];
  rejects: readonly RejectedRow[];
  seenAt: Date;
}): Promise<{ calls: number; rejects: number }> {
  const { name, transcripts: transcriptPolicy } = account;
  const merged = await deps.store.crediraCalls.merge({ account: name, calls, transcriptPolicy, now: deps.now });
  const rejected = [...rejects, ...merged.rejects];
  await deps.store.rejects.record({ account: name, origin, rejects: rejected, seenAt });
  await announceLooks(deps, name);
  return { calls: merged.created + merged.changed, rejects: rejected.length };
}

/** True for `INVALID_REQUEST` (400): the source refuses this id, and may accept other ids of the account. */
export function isAboutTheId({ kind, status }: SourceError): boolean {
  return kind === 'refused' && status === 400;
}
