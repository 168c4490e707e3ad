import type { CrediraCallAnswer } from '../../sources/credira/client.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { retryWhatBreaksOff } from '../requests/fetch-page.js';
import type { RereadCrediraCallInput, RereadCrediraCallResult } from './reread-types.js';
import { askSource } from '../requests/ask-source.js';
import { isAboutTheId, writeCrediraCalls } from '../invoices/write-credira-calls.js';

/** Asks for one call by its id, whatever was asked of it before, and writes what is new. Makes one request at most. */
export async function rereadCrediraCall(
  deps: ActivityDependencies,
  input: RereadCrediraCallInput,
): Promise<RereadCrediraCallResult> {
  const account = requireAccount(deps.invoices, input.account);
  const { name } = account;
  const { callId } = input;
  const answered = async (answer: CrediraCallAnswer): Promise<RereadCrediraCallResult> => {
    if (answer.kind === 'unknown-call') return UNKNOWN;
    if (answer.kind === 'reject' && !answer.isWhole) retryWhatBreaksOff(`the call ${callId}`);
    const { rejects } = await writeCrediraCalls({
      deps,
      account,
      page: `refresh/${name}/${callId}`,
      calls: answer.kind === 'call' ? [answer.call] : [],
      rejects: answer.kind === 'reject' ? [answer.reject] : [],
      seenAt: answer.requestedAt,
    });
    await deps.store.crediraCalls.noteDetailsAsked({ account: name, callId, at: deps.now() });
    return { outcome: 'answered', isKnown: true, rejects };
  };
  return askSource(
    { deps, input, request: (signal) => account.client.getCall({ callId, signal }) },
    { answered, failed: (error) => (isAboutTheId(error) ? UNKNOWN : null) },
  );
}

const UNKNOWN = { outcome: 'answered', isKnown: false, rejects: 0 } as const;
