import sax from 'sax';
import { NamedValues } from '../../domain/nudges/ids-of-webhook.js';

type Pair = [name: string, value: unknown];

/** An element that has begun. */
interface OpenElement {
  readonly name: string;
  /** Attributes and elements in it. */
  readonly pairs: Pair[];
  text: string;
}

/** Options for the five entities of XML itself only, and for speed. */
const OPTIONS = { strictEntities: true, position: false };

/**
 * Reads an XML document to what its root element holds. An element becomes its text and, if it has any,
 * {@link NamedValues} of its attributes and elements. Prefixes of namespaces are left out.
 * @throws if the document is not well-formed, or has a document type or an entity of its own
 */
export function readXml(text: string): NamedValues {
  const open: OpenElement[] = [];
  const roots: NamedValues[] = [];
  const parser = sax.parser(true, OPTIONS);
  parser.onerror = refuse;
  parser.ondoctype = refuse;
  parser.onsgmldeclaration = refuse;
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onopentag = ({ name, attributes }) => {
    if (roots.length > 0) refuse();
    const pairs = Object.entries(attributes).map(([key, value]): Pair => [localName(key), value]);
    open.push({ name: localName(name), pairs, text: '' });
  };
  parser.onclosetag = () => {
    const element = open.pop();
    if (element === undefined) return;
    const parent = open.at(-1);
    if (parent === undefined) roots.push(new NamedValues(withText(element, element.pairs)));
    else for (const pair of withText(element, insideOf(element))) parent.pairs.push(pair);
  };
  parser.write(text).close();
  return roots[0] ?? refuse();
}

/** Adds the text of the element under its name, unless it only separates elements. */
function withText({ name, pairs, text }: OpenElement, others: Pair[]): Pair[] {
  const trimmed = text.trim();
  if (trimmed !== '' || pairs.length === 0) others.push([name, trimmed]);
  return others;
}

function insideOf({ name, pairs }: OpenElement): Pair[] {
  return pairs.length === 0 ? [] : [[name, new NamedValues(pairs)]];
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function refuse(): never {
  throw new Error('The XML is not well-formed, or has declarations of its own');
}
