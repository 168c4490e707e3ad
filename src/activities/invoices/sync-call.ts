import type { CrediraCallAnswer } from '../../sources/credira/client.js';
import { requireAccount, type ActivityDependencies, type InvoiceAccount } from '../dependencies.js';
import { retryWhatBreaksOff } from '../requests/fetch-page.js';
import type { SyncedCalls, SyncInvoiceInput } from './sync-invoice.js';
import { askSource } from '../requests/ask-source.js';
import { isAboutTheId, writeCrediraCalls } from './write-credira-calls.js';
import type { WaitResult } from '../requests/account-hold.js';

export interface SyncCallInput extends SyncInvoiceInput {
  readonly callId: string;
  /** ISO instant at which the invoice is due again, set for the last call of its invoice; null for the others. */
  readonly settleAt: string | null;
}

export type SyncCallResult = SyncedCalls | WaitResult;

const NOTHING = { calls: 0, rejects: 0 };

interface CallStep {
  readonly deps: ActivityDependencies;
  readonly account: InvoiceAccount;
  readonly input: SyncCallInput;
}

/**
 * Asks for the details of a call that the list of its invoice leaves out, and writes them. Makes one request, and none
 * if the call was already asked for or the account is on hold.
 */
export async function syncCall(deps: ActivityDependencies, input: SyncCallInput): Promise<SyncCallResult> {
  const account = requireAccount(deps.invoices, input.account);
  const step: CallStep = { deps, account, input };
  const [standing] = await deps.store.crediraCalls.standings({ account: account.name, callIds: [input.callId] });
  // Null: not yet. Undefined: the call was erased.
  if (standing?.detailsAskedAt !== null) return done(step, NOTHING);
  return askSource(
    { deps, input, request: (signal) => account.client.getCall({ callId: input.callId, signal }) },
    {
      answered: (answer) => storeAnswer(step, answer),
      failed: (error) => (isAboutTheId(error) ? finish(step, NOTHING) : null),
    },
  );
}

/** Writes the call or its reject. A call the source does not find by its id stays as the list has it. */
async function storeAnswer(step: CallStep, answer: CrediraCallAnswer): Promise<SyncedCalls> {
  const { deps, account, input } = step;
  if ('isWhole' in answer && !answer.isWhole) retryWhatBreaksOff(`the call ${input.callId}`);
  const calls = answer.kind === 'call' ? [answer.call] : [];
  const rejects = answer.kind === 'reject' ? [answer.reject] : [];
  const origin = `invoices/${account.name}/${input.invoiceId}`;
  return finish(step, await writeCrediraCalls({ deps, account, origin, calls, rejects, seenAt: answer.requestedAt }));
}

async function finish(step: CallStep, written: { calls: number; rejects: number }): Promise<SyncedCalls> {
  const { deps, input } = step;
  await deps.store.crediraCalls.noteDetailsAsked({ account: input.account, callId: input.callId, at: deps.now() });
  return done(step, written);
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
