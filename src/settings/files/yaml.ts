import { basename } from 'node:path';
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { readSettingFile, SettingProblem } from '../read-group.js';
import { CONFIG_FILE_NAME } from '../table.js';

export interface YamlReading {
  /** The contents: every scalar a text, aliases and merge keys (`<<`) resolved. Null if there is a problem. */
  readonly value: unknown;
  /** Top-level keys that hold an anchor to refer to. */
  readonly templates: readonly string[];
  /** The fault with file and line, without a quotation from the file. */
  readonly problem: string | null;
}

/** Reads the config file. */
export function readYaml(path: string): YamlReading {
  const where = basename(path);
  const lineCounter = new LineCounter();
  const failed = (problem: string): YamlReading => ({ value: null, templates: [], problem });
  try {
    // The failsafe schema leaves every value a text, so that an id such as 0012 stays as written.
    const options = { schema: 'failsafe', merge: true, prettyErrors: false, lineCounter } as const;
    const document = parseDocument(readSettingFile(path, CONFIG_FILE_NAME), options);
    const faults = document.errors.map(({ code, pos }) => `line ${lineCounter.linePos(pos[0]).line} (${code})`);
    if (faults.length > 0) return failed(`${where} must be valid YAML: the fault is at ${faults.join(', ')}`);
    return { value: document.toJS(), templates: templatesOf(document), problem: null };
  } catch (error) {
    if (error instanceof SettingProblem) return failed(error.message);
    // The parser throws for an alias without an anchor, a merge of anything but a group, and far too many aliases.
    return failed(
      `${where}: an alias must name an anchor above it, a merge key (<<) must name groups of settings, and aliases must ` +
        'not multiply the file too far',
    );
  }
}

function templatesOf({ contents }: Document): string[] {
  if (!isMap(contents)) return [];
  return contents.items
    .filter(({ value }) => holdsAnchor(value))
    .map(({ key }) => (isScalar(key) ? String(key.value) : ''));
}

function holdsAnchor(value: unknown): boolean {
  let isFound = false;
  if (!isNode(value)) return false;
  visit(value, {
    Node: (_, { anchor }) => {
      isFound ||= anchor !== undefined;
    },
  });
  return isFound;
}
