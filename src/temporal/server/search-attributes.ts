import { isGrpcServiceError, type Client } from '@temporalio/client';
import { ACCOUNT_ATTRIBUTE, MODE_ATTRIBUTE } from '../../workflows/ids.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of the API. */
const KEYWORD = 2;
const NAMES = [ACCOUNT_ATTRIBUTE.name, MODE_ATTRIBUTE.name];
/** `PERMISSION_DENIED` and `UNIMPLEMENTED` of gRPC. */
const REFUSALS: ReadonlySet<number> = new Set([7, 12]);

/**
 * Registers the search attributes that are missing. Returns null, or the command for an administrator if the server
 * does not permit it (Temporal Cloud).
 * @throws an error with the server's reason, if an attribute has another type or the registration fails
 */
export async function ensureSearchAttributes(client: Client): Promise<string | null> {
  const { namespace } = client.options;
  const missing = await missingAttributes(client);
  if (missing === null) return registrationCommand(namespace);
  if (missing.length === 0) return null;
  try {
    await client.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
    return null;
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    // Another process may have registered them in the meantime, which some servers answer with an error.
    const missingStill = (await missingAttributes(client)) ?? missing;
    if (missingStill.length === 0) return null;
    if (REFUSALS.has(error.code)) return registrationCommand(namespace);
    throw new Error(
      `cannot register the search attributes ${missingStill.join(', ')} (Keyword) in the namespace ${namespace}: ` +
        `${error.details.replace(/\.$/, '')}. If the namespace is full, remove one that nothing uses (\`temporal operator ` +
        `search-attribute remove --namespace ${namespace} --name NAME\`), or set TEMPORAL_NAMESPACE to a separate ` +
        'namespace for callweave',
    );
  }
}

/** Returns the command with which an administrator registers the search attributes. */
export function registrationCommand(namespace: string): string {
  const attributes = NAMES.map((name) => `--name ${name} --type Keyword`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${attributes}`;
}

/** True if a message of the server is about one of our search attributes. */
export function concernsSearchAttributes(message: string): boolean {
  return /search attribute/i.test(message) && NAMES.some((name) => message.includes(name));
}

/** Lists the attributes to register; null if the server does not list any. @throws if one has another type */
async function missingAttributes(client: Client): Promise<string[] | null> {
  const { namespace } = client.options;
  const registered = await registeredTypes(client);
  if (registered === null) return null;
  const wrong = NAMES.filter((name) => (registered.get(name) ?? KEYWORD) !== KEYWORD);
  if (wrong.length === 0) return NAMES.filter((name) => !registered.has(name));
  throw new Error(
    `search attributes of callweave must have the type Keyword, and in the namespace ${namespace} these have another: ` +
      `${wrong.join(', ')}. Remove them (\`temporal operator search-attribute remove --namespace ${namespace} --name ` +
      'NAME`) and try again, or set TEMPORAL_NAMESPACE to a separate namespace for callweave',
  );
}

async function registeredTypes(client: Client): Promise<Map<string, number> | null> {
  const { namespace } = client.options;
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    return new Map(Object.entries(customAttributes));
  } catch (error) {
    // If the namespace does not exist, the server answers every request with NOT_FOUND.
    if (!isGrpcServiceError(error) || isNotFound(error)) throw error;
    return null;
  }
}

/** `NOT_FOUND` of gRPC. */
function isNotFound({ code }: { readonly code: number }): boolean {
  return code === 5;
}
