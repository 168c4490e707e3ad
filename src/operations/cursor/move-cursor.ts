import type { Client } from '@temporalio/client';
import { operatorName } from '../../process/operator.js';
import type { Store } from '../../store/store.js';
import { runningDrainId } from '../../temporal/runs/account-workflows.js';
import type { CursorPlan } from './plan-move.js';

interface Move {
  readonly client: Client;
  readonly store: Store;
  readonly account: string;
  readonly plan: () => Promise<CursorPlan>;
  readonly reason: string;
  /** True to plan the move without making it. */
  readonly isDryRun: boolean;
  /** Shows a person what to know before the move. */
  readonly remark: (text: string) => void;
}

/**
 * Moves the cursor as planned, and records who moved it and why.
 * @throws an error while a drain of the account runs, or if the cursor was moved since the plan was made
 */
export async function moveCursor({ client, store, account, plan, remark, ...move }: Move): Promise<CursorPlan> {
  await refuseWhileDraining(client, account);
  const planned = await plan();
  planned.remarks.forEach(remark);
  if (!move.isDryRun) await moveAsPlanned({ store, plan: planned, reason: move.reason });
  return planned;
}

/** Throws while a drain runs, because it moves the cursor too. */
async function refuseWhileDraining(client: Client, account: string): Promise<void> {
  const running = await runningDrainId(client, account);
  if (running === null) return;
  throw new Error(
    `a drain of ${account} runs (${running}). Wait until it ends and try again; ` +
      '`callweave schedule pause` keeps the next one from starting.',
  );
}

async function moveAsPlanned(input: { store: Store; plan: CursorPlan; reason: string }): Promise<void> {
  const { stream, seq, from, to, gap } = input.plan;
  const change = { at: new Date(), from, to, by: operatorName(), reason: input.reason };
  const moved = await input.store.checkpoints.move({ stream, seq, cursor: to, change, gap });
  if (moved === 'advanced') return;
  throw new Error(
    `did not move the cursor of ${stream}, because another process moved it meanwhile: check it with ` +
      '`callweave cursor show`',
  );
}
