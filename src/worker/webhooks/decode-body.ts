import type { IncomingHttpHeaders } from 'node:http';
import { NamedValues } from '../../domain/nudges/ids-of-webhook.js';
import { WebhookRefusal } from './refusal.js';
import { readXml } from './read-xml.js';

/** Reads a text to objects, lists and {@link NamedValues}. Throws if the text is not of its type. */
type Decode = (text: string) => unknown;

const UTF_8 = /^(utf-?8|us-ascii)$/i;

/**
 * Returns the function that reads a body of this type.
 * @throws WebhookRefusal for a type other than JSON, form and XML, a compressed body, and a character set but UTF-8
 */
export function decoderOf(headers: IncomingHttpHeaders): (body: Buffer) => unknown {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim());
  const decode = decodeOf(type.toLowerCase());
  if (decode === null) {
    throw new WebhookRefusal(
      415,
      'The content type must be application/json, application/x-www-form-urlencoded or application/xml.',
    );
  }
  if (!/^(identity)?$/i.test(headers['content-encoding']?.trim() ?? '')) {
    throw new WebhookRefusal(415, 'The body must not be compressed (Content-Encoding).');
  }
  if (!parameters.every(isReadableCharset)) throw new WebhookRefusal(415, 'The character set must be UTF-8.');
  return (body) => decoded(body, decode);
}

function decodeOf(type: string): Decode | null {
  if (/^application\/([^/]+\+)?json$/.test(type)) return (text): unknown => JSON.parse(text);
  if (/^(application|text)\/xml$|^application\/[^/]+\+xml$/.test(type)) return readXml;
  return type === 'application/x-www-form-urlencoded' ? (text) => new NamedValues(new URLSearchParams(text)) : null;
}

function isReadableCharset(parameter: string): boolean {
  const charset = /^charset *= *"?(?<name>[^"]*)"?$/i.exec(parameter)?.groups?.['name'];
  return charset === undefined || UTF_8.test(charset);
}

function decoded(body: Buffer, decode: Decode): unknown {
  try {
    return decode(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // The reason may quote the body.
    throw new WebhookRefusal(400, 'The body cannot be read as its content type says.');
  }
}
