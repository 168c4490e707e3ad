import { count } from '../../domain/count.js';
import { addDays, type Days } from '../../domain/days/days.js';
import { startOf } from '../../domain/invoca/call-values.js';
import type { CallTransaction } from '../../domain/invoca/transaction.js';
import { secondText } from '../../domain/shown-times.js';
import type { InvocaAccount } from '../../settings/accounts.js';
import { createInvocaClient } from '../../sources/invoca/client.js';
import type { TransactionPage } from '../../sources/transaction-page.js';
import type { Asked, PacedRequests } from './paced-requests.js';
import { afterFailed, notTried, skipped, unanswered, type Findings, type Skip } from './source-results.js';
import { ok, warning, type Finding } from './trials.js';

/** Rows that a check read, or the reason why it read none. */
export type SeenRows = { readonly kind: 'rows'; readonly transactions: readonly CallTransaction[] } | Skip;

interface Asking {
  readonly account: InvocaAccount;
  readonly requests: PacedRequests;
}

const ROWS = 10;
const LAST_DAYS = 7;

/** Asks for some rows of the last days and, if there are none, of the whole feed. */
export async function checkRows(asking: Asking): Promise<{ findings: Findings; rows: SeenRows }> {
  const { account } = asking;
  const days = lastDays(new Date());
  const asked = await askForRows(asking, days);
  if (asked.kind === 'answer') {
    const credentials = ok(`the API answers; the token may read the transactions of ${account.scope}/${account.id}`);
    const { finding, rows } = await seeRows(asking, { page: asked.answer, days });
    return { findings: { 'source.credentials': credentials, 'source.rows': finding }, rows };
  }
  const rows = asked.kind === 'skipped' ? skipped(asked.reason) : afterFailed('source.credentials');
  const credentials = asked.kind === 'skipped' ? notTried(asked) : unanswered(asked.error, account);
  return { findings: { 'source.credentials': credentials, 'source.rows': notTried(rows) }, rows };
}

interface Seen {
  readonly finding: Finding;
  readonly rows: SeenRows;
}

async function seeRows(asking: Asking, { page, days }: { page: TransactionPage; days: Days }): Promise<Seen> {
  const range = `from ${days.from} to ${days.to}`;
  if (page.rowCount > 0 || !page.isWhole) return seen(page, range);
  const asked = await askForRows(asking, null);
  if (asked.kind === 'skipped') return { finding: notTried(asked), rows: skipped(asked.reason) };
  if (asked.kind === 'failure') {
    return { finding: unanswered(asked.error, asking.account), rows: afterFailed('source.rows') };
  }
  return seen(asked.answer, `of the whole feed, which has none ${range}`);
}

function seen(page: TransactionPage, range: string): Seen {
  return { finding: rowsFinding(page, range), rows: { kind: 'rows', transactions: page.transactions } };
}

function rowsFinding({ rowCount, transactions, rejects, isWhole }: TransactionPage, range: string): Finding {
  if (rowCount === 0 && isWhole) {
    return warning(
      'the feed has no rows',
      'If there have been calls, check INVOCA_SCOPE and INVOCA_ID, and that the user of the token sees them',
    );
  }
  const [first] = rejects;
  const rejected = first === undefined ? '' : `; ${rejects.length} cannot be stored (${first.reason})`;
  const message = `${count(rowCount, 'row')} ${range}, ${newestStart(transactions)}${rejected}`;
  if (!isWhole) {
    return warning(
      `${message}; the answer is cut off`,
      'Try again. If this continues, look for a proxy that cuts answers off',
    );
  }
  if (transactions.length > 0) return ok(message);
  return warning(message, 'After the first drain, `callweave rejects list` shows them');
}

function newestStart(transactions: readonly CallTransaction[]): string {
  const startsMs = transactions.flatMap(({ transaction }) => startOf(transaction.columns)?.getTime() ?? []);
  if (startsMs.length === 0) return 'of which none states when its call started';
  return `the newest of them started ${secondText(new Date(Math.max(...startsMs)))}`;
}

async function askForRows({ account, requests }: Asking, days: Days | null): Promise<Asked<TransactionPage>> {
  return requests.ask(({ timeoutMs, signal }) =>
    createInvocaClient({ ...account, timeoutMs }).fetchPage({ cursor: null, limit: ROWS, days, signal }),
  );
}

/** Returns the last seven days in UTC, and a day more on each side: the token's zone may not be known. */
function lastDays(now: Date): Days {
  const today = now.toISOString().slice(0, 10);
  return { from: addDays(today, -LAST_DAYS), to: addDays(today, 1) };
}
