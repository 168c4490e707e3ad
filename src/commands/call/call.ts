import { selectAccount } from '../../settings/select-account.js';
import type { Settings } from '../../settings/settings.js';
import type { CallStore } from '../../store/calls/calls.js';
import { registerRefresh } from './call-refresh.js';
import { accountOption, commandSettings } from '../kit/context.js';
import type { CommonOptions } from '../kit/context.js';
import { EXIT } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import { shownCall, shownCallText, type ShownCall } from './shown-call.js';
import { withStore } from '../../operations/with-store.js';

interface Wanted {
  /** A call id or a transaction id. */
  readonly id: string;
  /** Null looks in all accounts. */
  readonly account: string | null;
}

/** The merged call and its story. Throws where there is no such call. */
export async function findCall({
  calls,
  wanted,
}: {
  calls: Pick<CallStore, 'findOfAnySource'>;
  wanted: Wanted;
}): Promise<ShownCall> {
  const call = await calls.findOfAnySource(wanted);
  if (call === null) {
    const where = wanted.account === null ? '' : ` in the account ${wanted.account}`;
    throw new Error(`no call${where} has the id ${wanted.id}, nor a transaction with this id`);
  }
  return shownCall(call);
}

/** As findCall, on the MongoDB of the settings. */
export function showCall({ mongodb, ...wanted }: Wanted & Pick<Settings, 'mongodb'>): Promise<ShownCall> {
  return withStore(mongodb, ({ calls }) => findCall({ calls, wanted }));
}

interface ShowOptions extends CommonOptions {
  readonly account?: string;
}

export const registerCall: Register = (command, context) => {
  command
    .command('show')
    .description('Shows the merged call, and its story: its transactions in order and what each of them changed.')
    .argument('<id>', 'a call id or a transaction id')
    .addOption(accountOption('look in this account only'))
    .action(
      context.action(async (id: string, options: ShowOptions) => {
        // Without --account all accounts are looked through, and which are set does not matter.
        const { settings } = commandSettings({
          context,
          needs: options.account === undefined ? ['mongodb'] : ['mongodb', 'accounts'],
        });
        const account =
          options.account === undefined
            ? null
            : selectAccount({ accounts: settings.accounts, name: options.account }).name;
        const shown = await showCall({ mongodb: settings.mongodb, id, account });
        if (options.json) context.output.printJson(shown);
        else context.output.print(shownCallText(shown));
        return EXIT.done;
      }),
    );
  registerRefresh(command.command('refresh'), context);
};
