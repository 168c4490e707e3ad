import type { CrediraCall } from '../../domain/credira/credira-call.js';
import type { SourceError } from '../../sources/errors.js';
import type { RejectedRow } from '../../domain/rejected-row.js';
import type { ActivityDependencies, InvoiceAccount } from '../dependencies.js';

/** Writes calls, then rejects; both idempotent, so that they may be written again after a crash. */
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
  /** What the rejects are said to come from. */
  origin: string;
  calls: readonly CrediraCall[];
  rejects: readonly RejectedRow[];
  seenAt: Date;
}): Promise<{ calls: number; rejects: number }> {
  const { name, transcripts: transcriptPolicy } = account;
  const merged = await deps.store.crediraCalls.merge({ account: name, calls, transcriptPolicy, now: deps.now });
  const rejected = [...rejects, ...merged.rejects];
  await deps.store.rejects.record({ account: name, origin, rejects: rejected, seenAt });
  return { calls: merged.created + merged.changed, rejects: rejected.length };
}

/** `INVALID_REQUEST`: the same account may well be answered about other ids. */
export function isAboutTheId({ kind, status }: SourceError): boolean {
  return kind === 'refused' && status === 400;
}
