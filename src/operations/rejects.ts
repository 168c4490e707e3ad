import type { CallTransaction } from '../domain/invoca/transaction.js';
import { UsageError } from '../settings/errors.js';
import type { InvocaAccount } from '../settings/settings.js';
import { readRowText } from '../sources/json/cut-rows.js';
import { createExcludedColumns } from '../sources/invoca/columns.js';
import { parseRows } from '../sources/invoca/parse-rows.js';
import type { Reject } from '../store/feed/rejects.js';
import type { Store } from '../store/store.js';
import { triggerUnlessPaused } from '../temporal/schedules/schedule-operations.js';
import { withImpatientClient, type TemporalAddress } from '../temporal/server/connect.js';
import { accountWorkflowId, TRANSCRIPTS } from '../workflows/ids.js';

/** Rejects read at once; a row is up to 1 MiB. */
const BATCH_REJECTS = 50;

export interface ReplayResult {
  readonly account: string;
  /** Rows that are part of a call now and no longer rejects. */
  readonly stored: number;
  /** Rows that are still rejects. */
  readonly kept: number;
  /** Documents created or changed. */
  readonly calls: number;
}

interface Replay {
  readonly store: Pick<Store, 'calls' | 'rejects'>;
  readonly feed: InvocaAccount;
  readonly ids: readonly string[];
  readonly now: () => Date;
}

interface Row {
  readonly rejectId: string;
  readonly row: CallTransaction;
}

/**
 * Finds the one reject whose id begins with `prefix`.
 * @throws an error if there is none, a UsageError if there are several
 */
export async function requireReject(store: Pick<Store, 'rejects'>, prefix: string): Promise<Reject> {
  const [reject, another] = /^[0-9a-f]{1,64}$/.test(prefix) ? await store.rejects.findByPrefix(prefix) : [];
  if (reject === undefined) throw new Error(`there is no reject ${prefix}: \`callweave rejects list\` shows their ids`);
  if (another !== undefined) throw new UsageError(`more than one reject id begins with ${prefix}: give more of its id`);
  return reject;
}

/**
 * Reads rejected rows again with the current rules, as of the instant at which they were seen, and merges those that
 * can be read. A reject is removed only after its row is written, so that a replay may break off at any point and be
 * repeated.
 */
export async function replayRejects({ store, feed, ids, now }: Replay): Promise<ReplayResult> {
  let result: ReplayResult = { account: feed.name, stored: 0, kept: 0, calls: 0 };
  for (let start = 0; start < ids.length; start += BATCH_REJECTS) {
    const rejects = await store.rejects.read(ids.slice(start, start + BATCH_REJECTS));
    const rows = rejects.flatMap((reject) => readAgain(reject, feed));
    const merged = await store.calls.mergeTransactions({
      account: feed.name,
      transactions: rows.map(({ row }) => row),
      transcriptPolicy: feed.transcripts,
      now,
    });
    const tooLarge = new Set(
      merged.rejects.map(({ callId = null, transactionId }) => keyOf({ callId, transactionId })),
    );
    const stored = rows.filter(({ row: { callId, transaction } }) => !tooLarge.has(keyOf({ ...transaction, callId })));
    await store.rejects.remove(stored.map(({ rejectId }) => rejectId));
    result = {
      ...result,
      stored: result.stored + stored.length,
      kept: result.kept + rejects.length - stored.length,
      calls: result.calls + merged.created + merged.changed,
    };
  }
  return result;
}

/**
 * Starts the schedule of the account's transcripts at once, unless it is paused or missing. Returns false if Temporal
 * does not answer; the calls are stored all the same.
 */
export async function startLooks(temporalAddress: TemporalAddress, account: string): Promise<boolean> {
  try {
    const scheduleId = accountWorkflowId(TRANSCRIPTS, account);
    await withImpatientClient(temporalAddress, (client) => triggerUnlessPaused(client, scheduleId));
    return true;
  } catch {
    return false;
  }
}

/** Reads a rejected row again; empty if it still cannot be read. */
function readAgain({ id: rejectId, raw, rawBase64, seenAt }: Reject, { excludeColumns }: InvocaAccount): Row[] {
  const row = readRowText(rawBase64 === undefined ? Buffer.from(raw) : Buffer.from(rawBase64, 'base64'));
  const { transactions } = parseRows({ rows: [row], excluded: createExcludedColumns(excludeColumns), seenAt });
  return transactions.map((transaction) => ({ rejectId, row: transaction }));
}

function keyOf(row: { readonly callId: string | null; readonly transactionId: string | null }): string {
  return JSON.stringify([row.callId, row.transactionId]);
}
