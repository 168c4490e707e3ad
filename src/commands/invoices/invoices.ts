import { Option } from 'commander';
import { count } from '../../domain/count.js';
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
import { invoiceIds } from './invoice-ids.js';
import { withStore, withStoreToWrite } from '../../operations/with-store.js';

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
    output.note(await makeDue({ store, account, ids, file: options.file }));
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

/** Those given are tracked and due afterwards, or all tracked ones are due. Says which. */
async function makeDue({
  store,
  account,
  ids,
  file,
}: {
  store: Store;
  account: string;
  ids: readonly string[];
  file: string | undefined;
}): Promise<string> {
  if (ids.length === 0 && file === undefined) {
    return `${count(await store.invoices.makeAllDue(account))} tracked invoices are due`;
  }
  const tracked = await store.invoices.track({ account, invoiceIds: invoiceIds({ ids, file }), now: () => new Date() });
  return `${count(tracked.ids)} invoices are due, ${count(tracked.added)} of them tracked from now on`;
}

async function noteIncomplete(ended: {
  output: CommandContext['output'];
  store: Store;
  result: InvoicesResult;
}): Promise<ExitCode> {
  if (ended.result.unknown + ended.result.refused === 0) return EXIT.done;
  for (const outcome of ['unknown', 'refused'] as const) await noteSome({ ...ended, outcome });
  return EXIT.needsPerson;
}

const SHOWN_IDS = 10;

async function noteSome({
  output,
  store,
  result: { account },
  outcome,
}: {
  output: CommandContext['output'];
  store: Store;
  result: { account: string };
  outcome: 'unknown' | 'refused';
}): Promise<void> {
  const ids: string[] = [];
  for await (const { invoiceId } of store.invoices.list({ account, outcome })) {
    if (ids.push(invoiceId) > SHOWN_IDS) break;
  }
  if (ids.length === 0) return;
  const shown = ids.slice(0, SHOWN_IDS).join(', ');
  const more = ids.length > SHOWN_IDS ? `, … (\`callweave invoices list --outcome ${outcome}\` has all)` : '';
  output.note(`${outcome} to ${account}: ${shown}${more}`);
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
