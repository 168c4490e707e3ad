import {
  changedFieldsOf,
  findWanted,
  refreshInputOf,
  requireId,
  requireRefreshed,
  type WantedCall,
} from '../../operations/refresh.js';
import type { AnyStoredCall } from '../../store/calls/call-document.js';
import { startRefresh } from '../../temporal/runs/repairs.js';
import { refreshLine, refreshProgressQuery, type RefreshResult } from '../../workflows/repair/repair-progress.js';
import { commandSettings, type CommandContext, type AccountOptions, type Register } from '../kit/context.js';
import { withExamples, accountOption } from '../kit/help.js';
import { EXIT, type ExitCode } from '../kit/exit-codes.js';
import { followWorkflow } from '../kit/run-workflow.js';
import { shownCall } from '../../operations/shown-call.js';
import { callText } from './call-text.js';
import { withStore } from '../../operations/with-store.js';

export const registerRefresh: Register = (command, context) => {
  command
    .description(
      'Read one call again from its source, store the result, and show the call and its changed fields. Without ' +
        '--account, use the account that has stored the call. Needs a running worker. Ctrl-C stops the waiting, not the run.',
    )
    .argument('<id>', 'call id or transaction id; the call need not be stored yet')
    .addOption(accountOption())
    .action(context.action((id: string, options: AccountOptions) => refreshCall({ context, id, options })));
  withExamples(command, { others: ['callweave call refresh 272C-5E851AF64FA0'] });
};

interface RefreshInput {
  readonly context: CommandContext;
  readonly id: string;
  readonly options: AccountOptions;
}

async function refreshCall(input: RefreshInput): Promise<ExitCode> {
  const { context, id, options } = input;
  requireId(id);
  const { settings, ...servers } = commandSettings({
    context,
    needs: ['mongodb', 'accounts', 'temporal'],
  });
  return withStore(settings.mongodb, async (store) => {
    const wanted = await findWanted({ store, id, accounts: settings.accounts, name: options.account });
    const result = await followWorkflow({
      ...servers,
      output: context.output,
      start: (client) => startRefresh(client, refreshInputOf(wanted)),
      query: refreshProgressQuery,
      progressLine: refreshLine,
      goesOn: 'The call is still being read in the background; the same command attaches to that.',
    });
    if (result === null) return EXIT.done;
    show({ ...input, wanted, result, after: await requireRefreshed(wanted, result) });
    return EXIT.done;
  });
}

function show({
  context: { output },
  options,
  wanted: { account, before },
  result,
  after,
}: RefreshInput & {
  readonly wanted: WantedCall;
  readonly result: RefreshResult;
  readonly after: AnyStoredCall;
}): void {
  const changedFields = changedFieldsOf(before, after);
  const shown = shownCall(after);
  if (options.json) {
    output.printJson({ ...shown, changed: changedFields.length > 0, changedFields });
    return;
  }
  const told = before === null ? 'stored for the first time' : changedText(changedFields);
  output.print(`${callText(shown)}\n\nRead again from the source (account ${account.name}): ${told}`);
  if (result.rejects > 0)
    output.warn(`${result.rejects} rows from the source could not be stored: see \`callweave rejects list\``);
}

function changedText(changedFields: readonly string[]): string {
  return changedFields.length === 0 ? 'nothing has changed' : `changed ${changedFields.join(', ')}`;
}
