import { registerRefresh } from './call-refresh.js';
import { storeSettings, type AccountOptions, type Register } from '../kit/context.js';
import { withExamples, onlyAccountOption } from '../kit/help.js';
import { EXIT } from '../kit/exit-codes.js';
import { refuseErased, shownCall } from '../../operations/shown-call.js';
import { callText } from './call-text.js';
import { withStore } from '../../operations/with-store.js';

export const register: Register = (command, context) => {
  const show = command
    .command('show')
    .description('Show a merged call and its story: what changed it, step by step.')
    .argument('<id>', 'call id or transaction id')
    .addOption(onlyAccountOption())
    .action(
      context.action(async (id: string, options: AccountOptions) => {
        const { mongodb, account } = storeSettings({ context, name: options.account });
        const call = await withStore(mongodb, async ({ calls, erasures }) => {
          const found = await calls.findOfAnySource({ id, account });
          if (found === null) await refuseErased({ erasures, account, callId: id });
          return found;
        });
        if (call === null) {
          const accountText = account === null ? '' : ` in the account ${account}`;
          throw new Error(`no call${accountText} has the id ${id} or a transaction with this id`);
        }
        const shown = shownCall(call);
        if (options.json) context.output.printJson(shown);
        else context.output.print(callText(shown));
        return EXIT.done;
      }),
    );
  registerRefresh(command.command('refresh'), context);
  const byCallId = 'callweave call show 272C-5E851AF64FA0';
  withExamples(show, {
    reads: [byCallId, `${byCallId} --json`],
  });
  withExamples(command, { reads: [byCallId] });
};
