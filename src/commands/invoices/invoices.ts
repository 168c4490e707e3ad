import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Option } from 'commander';
import { count } from '../../domain/count.js';
import { incompleteInvoices, makeDue, type GivenInvoiceId } from '../../operations/invoices/due-invoices.js';
import { withStore, withStoreToWrite } from '../../operations/with-store.js';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import type { Invoice, InvoiceOutcome } from '../../store/invoices/invoice-document.js';
import type { Store } from '../../store/store.js';
import { startInvoices } from '../../temporal/runs/invoice-workflows.js';
import {
  invoicesLine,
  invoicesProgressQuery,
  type InvoicesProgress,
  type InvoicesResult,
} from '../../workflows/invoices/invoices-progress.js';
import { waitLine } from '../../workflows/progress.js';
import { accountOption, commandSettings, type CommandContext, type CommonOptions } from '../kit/context.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import { runWorkflow } from '../kit/run-workflow.js';

const OUTCOMES: readonly InvoiceOutcome[] = ['known', 'unknown', 'refused'];

interface SyncOptions extends CommonOptions {
  readonly account?: string;
  readonly file?: string;
  readonly wait?: true;
}

interface ListOptions extends CommonOptions {
  readonly account?: string;
  readonly outcome?: InvoiceOutcome;
}

export const registerInvoices: Register = (command, context) => {
  command
    .command('sync')
    .description(
      'Asks Credira for the calls of invoices now. Ids given become tracked: they are asked about again by the schedule. ' +
        'Without any, all tracked ones are asked about.',
    )
    .argument('[id...]', 'invoice ids')
    .addOption(accountOption())
    .option('--file <path>', 'a file with one invoice id a line; - is standard input')
    .option('--wait', 'show the progress and end when all are done, with 3 where an invoice is unknown')
    .action(context.action((ids: string[], options: SyncOptions) => sync({ context, ids, options })));
  command
    .command('list')
    .description('Shows the tracked invoices: when each was asked about, what came of it, and when it is due again.')
    .addOption(accountOption())
    .addOption(new Option('--outcome <outcome>', 'only those with this outcome').choices(OUTCOMES))
    .action(context.action((options: ListOptions) => list(context, options)));
};

async function sync({
  context,
  ids,
  options,
}: {
  context: CommandContext;
  ids: readonly string[];
  options: SyncOptions;
}): Promise<ExitCode> {
  const { output } = context;
  const { settings, ...servers } = commandSettings({
    context,
    needs: ['accounts', 'mongodb', 'temporal'],
  });
  const account = selectAccount({ ...settings, name: options.account, intake: 'invoices' }).name;
  return withStoreToWrite(settings.mongodb, async (store) => {
    output.note(dueText(await makeDue({ store, account, given: givenIds(ids, options.file) })));
    return runWorkflow({
      ...servers,
      output,
      options,
      account,
      start: (client) => startInvoices(client, { account, dueBy: new Date() }),
      query: invoicesProgressQuery,
      progressLine,
      result: (result) => `${result.account}: ${invoicesLine(result)}`,
      goesOn: 'The invoices are asked about on; `callweave invoices list` tells what came of them.',
      exitCode: (result) => noteIncomplete({ output, store, result }),
    });
  });
}

/** The ids of the arguments, then those of the file, one a line; null if neither is given. Blank lines are skipped. */
function givenIds(ids: readonly string[], file: string | undefined): AsyncGenerator<GivenInvoiceId, void> | null {
  return ids.length === 0 && file === undefined ? null : readIds(ids, file);
}

/** @throws UsageError if the file cannot be read */
async function* readIds(ids: readonly string[], file: string | undefined): AsyncGenerator<GivenInvoiceId, void> {
  for (const id of ids) yield { id, where: 'an invoice id' };
  if (file === undefined) return;
  let line = 0;
  const input = file === '-' ? process.stdin : createReadStream(file, 'utf8');
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1;
      const id = text.trim();
      if (id !== '') yield { id, where: `line ${line} of ${file}` };
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new UsageError(`cannot read --file: ${error.message}`);
    throw error;
  }
}

function dueText({ due, added }: Awaited<ReturnType<typeof makeDue>>): string {
  if (added === null) return `${count(due)} tracked invoices are due`;
  return `${count(due)} invoices are due, ${count(added)} of them tracked from now on`;
}

async function noteIncomplete(ended: {
  output: CommandContext['output'];
  store: Store;
  result: InvoicesResult;
}): Promise<ExitCode> {
  const { account, unknown, refused } = ended.result;
  if (unknown + refused === 0) return EXIT.done;
  for (const { outcome, ids, hasMore } of await incompleteInvoices(ended.store, account)) {
    const more = hasMore ? `, … (\`callweave invoices list --outcome ${outcome}\` has all)` : '';
    ended.output.note(`${outcome} to ${account}: ${ids.join(', ')}${more}`);
  }
  return EXIT.needsPerson;
}

async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  const { settings } = commandSettings({ context, needs: ['accounts', 'mongodb'] });
  const account = selectAccount({ ...settings, name: options.account, intake: 'invoices' }).name;
  const { outcome } = options;
  const invoices = await withStore(settings.mongodb, async (store) => {
    const found: Invoice[] = [];
    for await (const invoice of store.invoices.list({ account, ...(outcome !== undefined && { outcome }) })) {
      found.push(invoice);
    }
    return found;
  });
  if (options.json) context.output.printJson(invoices);
  else context.output.printTable(tableOf(invoices));
  return EXIT.done;
}

function tableOf(invoices: readonly Invoice[]): { head: string[]; rows: string[][] } {
  return {
    head: ['invoice', 'outcome', 'calls', 'unfinished', 'asked', 'due'],
    rows: invoices.map(({ invoiceId, outcome, calls, unfinished, lastSyncAt, nextDueAt }) => [
      invoiceId,
      outcome ?? 'not asked yet',
      count(calls),
      count(unfinished),
      lastSyncAt?.toISOString() ?? '',
      nextDueAt.toISOString(),
    ]),
  };
}

function progressLine({ inFlight, waiting, ...progress }: InvoicesProgress): string {
  const doing = waiting === null ? `${inFlight} in flight` : waitLine(waiting);
  return `${progress.account}: ${invoicesLine(progress)}; ${doing}`;
}
