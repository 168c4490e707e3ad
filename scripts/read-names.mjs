/** Arguments of the scripts that run parts by name: `npm run SCRIPT -- [NAME…] [options]`. */
import { parseArgs } from 'node:util';

/**
 * Reads the arguments to `{names, values}`: the parts that they name in the order of `parts`, all of them without a name, and
 * the values of the options, of which `help` is always one. Of a name with dots, such as a version, the beginning will do.
 * Throws an error that lists the parts if none has the name, and one for an unknown option.
 */
export function readNames({ argv, parts, options = {} }) {
  const help = { type: 'boolean', default: false };
  const { values, positionals } = parseArgs({ args: argv, options: { ...options, help }, allowPositionals: true });
  const isMeant = (word, part) => part === word || part.startsWith(`${word}.`);
  const unknown = positionals.filter((word) => !parts.some((part) => isMeant(word, part)));
  if (unknown.length > 0)
    throw new Error(`no part is named ${unknown.join(' or ')}: the parts are ${parts.join(', ')}`);
  const names = parts.filter((part) => positionals.length === 0 || positionals.some((word) => isMeant(word, part)));
  return { names, values };
}
