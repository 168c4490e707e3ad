import type { CrediraCallAnswer } from '../../sources/credira/client.js';
import { SourceError } from '../../sources/errors.js';
import { requireAccount, type ActivityDependencies, type InvoiceAccount } from '../dependencies.js';
import { retryWhatBreaksOff } from '../requests/fetch-page.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import type { SyncCallInput, SyncCallResult, SyncedCalls } from './invoice-types.js';
import { activeHold, outcomeOf } from '../requests/source-trouble.js';
import { answerOrError, isAboutTheId, writeCrediraCalls } from './write-credira-calls.js';

interface CallStep {
  readonly deps: ActivityDependencies;
  readonly account: InvoiceAccount;
  readonly input: SyncCallInput;
}

/**
 * Asks once for what the list of an invoice does not say of a call, and writes it. Makes one request, and none where
 * the call was asked for already or the account is on hold.
 */
export async function syncCall(deps: ActivityDependencies, input: SyncCallInput): Promise<SyncCallResult> {
  const account = requireAccount(deps.invoices, input.account);
  const step: CallStep = { deps, account, input };
  const [standing] = await deps.store.crediraCalls.standings({ account: account.name, callIds: [input.callId] });
  // Null: not yet. Undefined: the call was erased.
  if (standing?.detailsAskedAt !== null) return done(step, { calls: 0, rejects: 0 });
  const trouble = { deps, account: account.name, precedingWaits: input.precedingWaits };
  const { wait, epoch } = await activeHold(trouble);
  if (wait !== null) return wait;

  return withHeartbeat(async ({ signal }) => {
    const { callId } = input;
    const answer = await answerOrError(() => account.client.getCall({ callId, signal }));
    if (answer instanceof SourceError && !isAboutTheId(answer)) return outcomeOf({ ...trouble, epoch }, answer);
    if ('isWhole' in answer && !answer.isWhole) retryWhatBreaksOff(`the call ${callId}`);
    const written = answer instanceof SourceError ? NOTHING : await storeAnswer(step, answer);
    await deps.store.crediraCalls.noteDetailsAsked({ account: account.name, callId, at: deps.now() });
    return done(step, written);
  });
}

const NOTHING = { calls: 0, rejects: 0 };

/** A call that the list has and that is not found by its id stays as the list has it. */
async function storeAnswer(
  { deps, account, input: { invoiceId } }: CallStep,
  answer: CrediraCallAnswer,
): Promise<{ calls: number; rejects: number }> {
  const calls = answer.kind === 'call' ? [answer.call] : [];
  const rejects = answer.kind === 'reject' ? [answer.reject] : [];
  const page = `invoices/${account.name}/${invoiceId}`;
  return writeCrediraCalls({ deps, account, page, calls, rejects, seenAt: answer.requestedAt });
}

async function done(
  { deps, input: { account, invoiceId, lease, settleAt } }: CallStep,
  written: { calls: number; rejects: number },
): Promise<SyncedCalls> {
  if (settleAt !== null) {
    await deps.store.invoices.settle({ account, invoiceId, lease, nextDueAt: new Date(settleAt) });
  }
  return { outcome: 'synced', ...written };
}
