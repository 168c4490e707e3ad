import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import pMap from 'p-map';
import { grouped } from '../../domain/grouped.js';
import { type Backfill, LISTED, optionsOf, toBackfill } from './backfills.js';
import { accountOf, LARGEST_PAGE, listWorkflows, ofAccounts } from './lists.js';

/** Backfills listed for all accounts together. */
const MOST_LISTED = 1_000;
const ASKED_AT_ONCE = 10;

/**
 * Lists, by account, the backfills that run, and those that failed and whose days no later one covers: of the 20 latest
 * of each account. `isAnswered` is false if no worker would answer a query for the progress.
 */
export async function unfinishedBackfills(
  client: Client,
  { accounts, isAnswered }: { readonly accounts: readonly string[]; readonly isAnswered: boolean },
): Promise<ReadonlyMap<string, readonly Backfill[]>> {
  const query = `WorkflowType = 'backfill' AND ExecutionStatus != 'ContinuedAsNew' AND ${ofAccounts(accounts)}`;
  const infos: WorkflowExecutionInfo[] = [];
  for await (const info of listWorkflows(client, { query, pageSize: LARGEST_PAGE })) {
    if (infos.push(info) === MOST_LISTED) break;
  }
  const wanted = [...grouped(infos, (info) => accountOf(info) ?? '')]
    .filter(([account]) => accounts.includes(account))
    .flatMap(([account, all]) => unfinishedAmong(all.slice(0, LISTED)).map((info) => ({ account, info })));
  const backfills = await pMap(
    wanted,
    async ({ account, info }) => ({ account, backfill: await toBackfill(client, info, isAnswered) }),
    { concurrency: ASKED_AT_ONCE },
  );
  const byAccount = grouped(backfills, ({ account }) => account);
  return new Map(
    [...byAccount].map(([account, all]) => [
      account,
      all.map(({ backfill }) => backfill).filter((backfill) => backfill !== null),
    ]),
  );
}

/** Returns those of an account's backfills that run, or failed and are not covered by a later one; the latest first. */
function unfinishedAmong(infos: readonly WorkflowExecutionInfo[]): WorkflowExecutionInfo[] {
  return infos.filter(({ status, memo }, index) => {
    if (status.name === 'RUNNING') return true;
    const days = optionsOf(memo);
    if (days === null || status.name === 'COMPLETED' || status.name === 'CANCELLED') return false;
    return !infos.slice(0, index).some((later) => {
      const options = optionsOf(later.memo);
      return options !== null && options.from <= days.from && options.to >= days.to;
    });
  });
}
