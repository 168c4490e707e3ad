import { SourceError } from '../../sources/errors.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';
import { retryWhatBreaksOff } from '../requests/fetch-page.js';
import { withHeartbeat } from '../requests/heartbeat.js';
import type { RereadCrediraCallInput, RereadCrediraCallResult } from './reread-types.js';
import { activeHold, outcomeOf } from '../requests/source-trouble.js';
import { answerOrError, isAboutTheId, writeCrediraCalls } from '../invoices/write-credira-calls.js';

/** Asks for one call by its id, whatever was asked of it before, and writes what is new. Makes one request at most. */
export async function rereadCrediraCall(
  deps: ActivityDependencies,
  input: RereadCrediraCallInput,
): Promise<RereadCrediraCallResult> {
  const account = requireAccount(deps.invoices, input.account);
  const { name } = account;
  const trouble = { deps, account: name, precedingWaits: input.precedingWaits };
  const { wait, epoch } = await activeHold(trouble);
  if (wait !== null) return wait;

  const { callId } = input;
  return withHeartbeat(async ({ signal }) => {
    const answer = await answerOrError(() => account.client.getCall({ callId, signal }));
    if (answer instanceof SourceError) {
      return isAboutTheId(answer) ? UNKNOWN : outcomeOf({ ...trouble, epoch }, answer);
    }
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
  });
}

const UNKNOWN = { outcome: 'answered', isKnown: false, rejects: 0 } as const;
