import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Option } from 'commander';
import { count } from '../../domain/count.js';
import { makeDue, troubledInvoices, type GivenInvoiceId } from '../../operations/invoices/due-invoices.js';
import { withStore, withStoreToWrite } from '../../operations/with-store.js';
import { UsageError } from '../../settings/errors.js';
import { selectAccount } from '../../settings/select-account.js';
import { INVOICE_OUTCOMES, type Invoice, type InvoiceOutcome } from '../../store/invoices/invoice-document.js';
import type { Store } from '../../store/store.js';
import { startInvoices } from '../../temporal/runs/invoice-workflows.js';
import {
  invoicesLine,
  invoicesProgressQuery,
  type InvoicesProgress,
  type InvoicesResult,
} from '../../workflows/invoices/invoices-progress.js';
import { waitLine } from '../../workflows/progress.js';
import {
  commandSettings,
  type CommandContext,
  type AccountOptions,
  type WaitOptions,
  type Register,
} from '../kit/context.js';
import { withDocuments } from '../kit/documents.js';
import { withExamples, accountOption, waitOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { runWorkflow } from '../kit/run-workflow.js';

interface SyncOptions extends WaitOptions {
  readonly file?: string;
}

interface ListOptions extends AccountOptions {
  readonly outcome?: InvoiceOutcome;
}

export const register: Register = (command, context) => {
  const syncCommand = command
    .command('sync')
    .description(
      'Ask Credira now for the calls of these invoices, or of all tracked invoices if no id is given. Invoices given here ' +
        'become tracked: the schedule asks for them again. Needs a running worker. With --wait, exit code 3 if Credira ' +
        'does not know an invoice, refuses its id, or has for the third time in a row sent another number of calls than it ' +
        'states (incomplete).',
    )
    .argument('[id...]', 'invoice ids')
    .addOption(accountOption())
    .option('--file <path>', 'read more invoice ids from this file, one per line; - is standard input')
    .addOption(waitOption())
    .action(context.action((ids: string[], options: SyncOptions) => sync({ context, ids, options })));
  const listCommand = command
    .command('list')
    .description('List the tracked invoices: when each was last asked about, the outcome, and when it is due again.')
    .addOption(accountOption())
    .addOption(new Option('--outcome <outcome>', 'only invoices with this outcome').choices(INVOICE_OUTCOMES))
    .action(context.action((options: ListOptions) => list(context, options)));
  withExamples(command, { reads: ['callweave invoices list'], others: ['callweave invoices sync --wait'] });
  withExamples(listCommand, { reads: ['callweave invoices list --outcome unknown'] });
  withExamples(syncCommand, {
    others: [
      'callweave invoices sync inv_987654321 --wait',
      'callweave invoices sync --file invoices.txt # track these invoices too',
    ],
  });
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
    const made = await makeDue({ store, account, given: givenIds(ids, options.file) });
    if (made.added !== null && made.due === 0) {
      throw new UsageError(`${options.file} has no invoice id. Without --file and ids, all tracked invoices are meant`);
    }
    output.note(dueText(made));
    return runWorkflow({
      ...servers,
      output,
      options,
      account,
      start: (client) => startInvoices(client, { account, dueBy: new Date() }),
      query: invoicesProgressQuery,
      progressLine,
      result: (result) => `${result.account}: ${invoicesLine(result)}`,
      json: withDocuments,
      goesOn: 'The sync continues in the background; `callweave invoices list` shows the outcomes.',
      exitCode: (result) => noteTroubled({ output, store, result }),
    });
  });
}

/** Yields the ids of the arguments, then those of the file, without blank lines; null if neither is given. */
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
    if (error instanceof Error && 'syscall' in error)
      throw new UsageError(`cannot read the file of --file: ${error.message}`);
    throw error;
  }
}

function dueText({ due, added }: Awaited<ReturnType<typeof makeDue>>): string {
  if (added === null) return `due now: ${count(due, 'tracked invoice')}`;
  return `due now: ${count(due, 'invoice')}, of which ${count(added)} new and tracked from now on`;
}

async function noteTroubled(ended: {
  output: CommandContext['output'];
  store: Store;
  result: InvoicesResult;
}): Promise<ExitCode> {
  const { output, store, result } = ended;
  const { account, unknown, refused, incomplete = 0 } = result;
  if (unknown + refused + incomplete === 0) return EXIT.done;
  const counted = { unknown, refused, incomplete };
  for (const { outcome, ids, hasMore } of await troubledInvoices({ store, account, counted })) {
    const more = hasMore ? `, … (\`callweave invoices list --outcome ${outcome}\` shows all)` : '';
    output.note(`${outcome} ${outcome === 'incomplete' ? 'at' : 'to'} ${account}: ${ids.join(', ')}${more}`);
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
  const doing = waiting === null ? `${inFlight} in progress` : waitLine(waiting);
  return `${progress.account}: ${invoicesLine(progress)}; ${doing}`;
}
