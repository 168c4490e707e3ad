import { hostname, userInfo } from 'node:os';
import type { Client } from '@temporalio/client';
import type { Store } from '../../store/store.js';
import { runningDrainId } from '../../temporal/runs/account-workflows.js';
import type { CursorPlan } from './plan-move.js';

/** @throws an error while a drain of the account runs: it would move the cursor too */
export async function refuseWhileDraining(client: Client, account: string): Promise<void> {
  const running = await runningDrainId(client, account);
  if (running === null) return;
  throw new Error(
    `a drain of ${account} runs (${running}). Wait for its end and try again; ` +
      '`callweave schedule pause` keeps the next one from starting.',
  );
}

/**
 * Moves the cursor as planned, and notes who did it and why.
 * @throws an error if it was moved since the plan was made
 */
export async function moveCursor(input: {
  store: Pick<Store, 'checkpoints'>;
  plan: CursorPlan;
  reason: string;
}): Promise<void> {
  const { stream, seq, from, to, gap } = input.plan;
  const change = { at: new Date(), from, to, by: whoMoves(), reason: input.reason };
  const moved = await input.store.checkpoints.move({ stream, seq, cursor: to, change, gap });
  if (moved === 'advanced') return;
  throw new Error(
    `the cursor of ${stream} was moved by somebody else meanwhile, and is as they left it: look again with ` +
      '`callweave cursor show`',
  );
}

/** Who runs this program, as `user@host`. */
function whoMoves(): string {
  return `${userName()}@${hostname()}`;
}

/** The system may have no name for the user, as in a container that runs under a number of its own. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
