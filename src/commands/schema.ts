import { lineSchema } from '../domain/document/json-schema.js';
import type { Register } from './kit/context.js';
import { EXIT } from './kit/exit-codes.js';
import { withExamples } from './kit/help.js';

export const register: Register = (command, context) => {
  command
    .description(
      'Print the JSON Schema (2020-12) of a line that `callweave export` writes in NDJSON, with and without transcripts: ' +
        'a call of any source, or an erased call. The types for TypeScript are in `callweave/call`. Needs no settings.',
    )
    .action(
      context.action(() => {
        context.output.printJson(lineSchema());
        return Promise.resolve(EXIT.done);
      }),
    );
  withExamples(command, { reads: ['callweave schema > call.schema.json'] });
};
