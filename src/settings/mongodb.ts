import { databaseIn, databaseName } from './schemas.js';
import { environmentSource, readGroup, type Environment } from './read-group.js';
import { mongodbSettings } from './table.js';

const DEFAULT_DATABASE = 'callweave';

export interface MongodbReading {
  readonly settings: { readonly mongodb?: { readonly uri: string; readonly database: string } };
  readonly problems: readonly string[];
  readonly warnings?: readonly string[];
}

/** Databases of the server itself, which a connection string may name to authenticate the user. */
const SERVER_DATABASES = ['admin', 'local', 'config'];

/** Reads the server and the database: `MONGODB_DATABASE`, else the one that `MONGODB_URI` names, else `callweave`. */
export function readMongodb(surroundings: { env: Environment; cwd: string }): MongodbReading {
  const { values, problems } = readGroup(mongodbSettings, environmentSource(surroundings));
  if (values === null) return { settings: {}, problems };
  const { MONGODB_URI: uri, MONGODB_DATABASE: chosen } = values;
  const named = databaseIn(uri);
  if (chosen === null && named !== null && !SERVER_DATABASES.includes(named)) return ofUri(uri, named);
  const database = chosen ?? DEFAULT_DATABASE;
  return { settings: { mongodb: { uri, database } }, problems, warnings: warningsOf({ named, chosen, database }) };
}

function ofUri(uri: string, named: string): MongodbReading {
  const { data: database, error } = databaseName.safeParse(named);
  if (database !== undefined) return { settings: { mongodb: { uri, database } }, problems: [] };
  const rules = error.issues.map(({ message }) => message).join('; ');
  return { settings: {}, problems: [`the database in MONGODB_URI ${rules}: correct it, or set MONGODB_DATABASE`] };
}

function warningsOf(names: { named: string | null; chosen: string | null; database: string }): string[] {
  const { named, chosen, database } = names;
  if (named === null || named === database || (chosen !== null && SERVER_DATABASES.includes(named))) return [];
  if (chosen === null) {
    return [`MONGODB_URI names the server's own database ${named}: the calls are stored in ${database} instead`];
  }
  return [
    `MONGODB_URI names the database ${named} and MONGODB_DATABASE names ${chosen}: the calls are stored in ${chosen}`,
  ];
}
