import { textTo, type TextSchema } from './schemas.js';

/**
 * Reads a time zone to a name that both Node, in any version, and Temporal know: the given name if it is spelled like
 * region and place in the IANA database, else Node's name for the same zone.
 */
export const timeZone: TextSchema<string> = textTo(
  'an IANA time zone, such as America/Los_Angeles; an offset or an abbreviation does not say when clocks change',
  (text) => (/^[+-]/.test(text) || NODES_OWN.test(text) ? undefined : inProperSpelling(text)),
);

/** Names that Node accepts and Temporal does not, because the IANA database lacks them. */
const NODES_OWN =
  /^(systemv\/.*|act|aet|agt|art|ast|bet|bst|cat|cnt|cst|ctt|eat|ect|iet|ist|jst|mit|net|nst|plt|pnt|prt|pst|sst|vst)$/i;
const REGION_AND_PLACE =
  /^(Africa|America|Antarctica|Asia|Atlantic|Europe|Indian|Pacific)(\/[A-Z][a-z]+(?:[_-][A-Z][a-z]+)*)+$/;

/** Listed names by their lower-case spelling; kept, because hundreds of accounts may each name a zone. */
let listedNames: ReadonlyMap<string, string> | null = null;

function inProperSpelling(text: string): string | undefined {
  listedNames ??= new Map(Intl.supportedValuesOf('timeZone').map((name) => [name.toLowerCase(), name]));
  const listed = listedNames.get(text.toLowerCase());
  if (listed !== undefined) return listed;
  const resolved = resolvedName(text);
  return resolved !== undefined && REGION_AND_PLACE.test(text) ? text : resolved;
}

function resolvedName(text: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
