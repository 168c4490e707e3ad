import { registerRefresh } from './call-refresh.js';
import { accountOption, storeSettings, type CommonOptions } from '../kit/context.js';
import { EXIT } from '../kit/exit-codes.js';
import type { Register } from '../kit/frame.js';
import { shownCall } from '../../operations/shown-call.js';
import { callText } from './call-text.js';
import { withStore } from '../../operations/with-store.js';

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
        const { mongodb, account } = storeSettings({ context, name: options.account });
        const call = await withStore(mongodb, ({ calls }) => calls.findOfAnySource({ id, account }));
        if (call === null) {
          const where = account === null ? '' : ` in the account ${account}`;
          throw new Error(`no call${where} has the id ${id}, nor a transaction with this id`);
        }
        const shown = shownCall(call);
        if (options.json) context.output.printJson(shown);
        else context.output.print(callText(shown));
        return EXIT.done;
      }),
    );
  registerRefresh(command.command('refresh'), context);
};
