import { isGrpcServiceError, type Client } from '@temporalio/client';
import { ACCOUNT_ATTRIBUTE, MODE_ATTRIBUTE } from '../../workflows/ids.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of the API. */
const KEYWORD = 2;
const NAMES = [ACCOUNT_ATTRIBUTE.name, MODE_ATTRIBUTE.name];
/** `PERMISSION_DENIED` and `UNIMPLEMENTED` of gRPC. */
const REFUSALS: ReadonlySet<number> = new Set([7, 12]);

/**
 * Registers our search attributes where they are missing. Returns the command for an administrator where the server
 * does not let us (Temporal Cloud), else null. Throws, with the server's reason, where it lets us and it cannot be
 * done.
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
        `${error.details.replace(/\.$/, '')}. If it has no room for more of them, remove one that nothing uses (\`temporal operator ` +
        `search-attribute remove --namespace ${namespace} --name NAME\`), or have TEMPORAL_NAMESPACE name a namespace ` +
        'of callweave’s own',
    );
  }
}

/** For an administrator. */
export function registrationCommand(namespace: string): string {
  const attributes = NAMES.map((name) => `--name ${name} --type Keyword`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${attributes}`;
}

/** Whether a message of the server is about one of our search attributes. */
export function concernsSearchAttributes(message: string): boolean {
  return /search attribute/i.test(message) && NAMES.some((name) => message.includes(name));
}

/** Null where the server does not say which there are. Throws where one is there and is of another type. */
async function missingAttributes(client: Client): Promise<string[] | null> {
  const { namespace } = client.options;
  const registered = await registeredTypes(client);
  if (registered === null) return null;
  const wrong = NAMES.filter((name) => (registered.get(name) ?? KEYWORD) !== KEYWORD);
  if (wrong.length === 0) return NAMES.filter((name) => !registered.has(name));
  throw new Error(
    `the namespace ${namespace} has search attributes of callweave’s that are of another type than Keyword: ` +
      `${wrong.join(', ')}. Remove them (\`temporal operator search-attribute remove --namespace ${namespace} --name ` +
      'NAME`) and try again, or have TEMPORAL_NAMESPACE name a namespace of callweave’s own',
  );
}

async function registeredTypes(client: Client): Promise<Map<string, number> | null> {
  const { namespace } = client.options;
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    return new Map(Object.entries(customAttributes));
  } catch (error) {
    // A server that does not know the namespace says so of everything.
    if (!isGrpcServiceError(error) || isNotFound(error)) throw error;
    return null;
  }
}

/** `NOT_FOUND` of gRPC. */
function isNotFound({ code }: { readonly code: number }): boolean {
  return code === 5;
}
