import { ConnectionString } from 'mongodb-connection-string-url';
import { textTo } from './schemas.js';
import type { TextSchema } from './schemas.js';

/** A connection string the driver can read. Characters nobody sees are refused: the driver would send them along. */
export const mongodbUri: TextSchema<string> = textTo(
  'a MongoDB connection string: mongodb://… or mongodb+srv://…, special characters in user and password percent-encoded',
  (text) => (/^mongodb(\+srv)?:\/\/[^\s/]/.test(text) && !/[\s\p{C}]/u.test(text) && parse(text) ? text : undefined),
);

/** The database that a connection string names; null where it names none. */
export function databaseIn(uri: string): string | null {
  return decodeURIComponent(parse(uri)?.pathname.slice(1) ?? '') || null;
}

/** The driver's messages are left out: they may quote what they could not read, which may be a password. */
function parse(text: string): ConnectionString | null {
  try {
    const uri = new ConnectionString(text);
    decodeURIComponent(`${uri.username}${uri.password}${uri.pathname}`);
    return uri;
  } catch {
    return null;
  }
}
