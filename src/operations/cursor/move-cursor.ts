import { hostname, userInfo } from 'node:os';
import type { Client } from '@temporalio/client';
import type { Store } from '../../store/store.js';
import { runningDrainId } from '../../temporal/runs/account-workflows.js';
import type { CursorPlan } from './plan-move.js';

interface Move {
  readonly client: Client;
  readonly store: Store;
  readonly account: string;
  readonly plan: () => Promise<CursorPlan>;
  readonly reason: string;
  /** Whether it is planned only. */
  readonly isDryRun: boolean;
  /** Is told what a person should know before it is done. */
  readonly remark: (text: string) => void;
}

/**
 * Moves the cursor as planned, and notes who did it and why.
 * @throws an error while a drain of the account runs, or if the cursor was moved since the plan was made
 */
export async function moveCursor({ client, store, account, plan, remark, ...move }: Move): Promise<CursorPlan> {
  if (!move.isDryRun) await store.requireExactCounts();
  await refuseWhileDraining(client, account);
  const planned = await plan();
  planned.remarks.forEach(remark);
  if (!move.isDryRun) await moveAsPlanned({ store, plan: planned, reason: move.reason });
  return planned;
}

/** A drain that runs would move the cursor too. */
async function refuseWhileDraining(client: Client, account: string): Promise<void> {
  const running = await runningDrainId(client, account);
  if (running === null) return;
  throw new Error(
    `a drain of ${account} runs (${running}). Wait for its end and try again; ` +
      '`callweave schedule pause` keeps the next one from starting.',
  );
}

async function moveAsPlanned(input: { store: Store; plan: CursorPlan; reason: string }): Promise<void> {
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
