import { isGrpcServiceError, type Client } from '@temporalio/client';
import { ACCOUNT_ATTRIBUTE, MODE_ATTRIBUTE } from '../workflows/ids.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of the API. */
const KEYWORD = 2;
const NAMES = [ACCOUNT_ATTRIBUTE.name, MODE_ATTRIBUTE.name];

/**
 * Registers our search attributes where they are missing. Returns the command for an administrator where the server
 * does not let us (Temporal Cloud), else null.
 */
export async function ensureSearchAttributes(client: Client): Promise<string | null> {
  const { namespace } = client.options;
  try {
    const missing = await missingAttributes(client);
    if (missing.length === 0) return null;
    await client.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
    return null;
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    // Another process may have registered them in the meantime, which some servers answer with an error.
    const missing = await missingAttributes(client).catch(() => NAMES);
    return missing.length === 0 ? null : registrationCommand(namespace);
  }
}

async function missingAttributes(client: Client): Promise<string[]> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return NAMES.filter((name) => !(name in customAttributes));
}

function registrationCommand(namespace: string): string {
  const attributes = NAMES.map((name) => `--name ${name} --type Keyword`).join(' ');
  return `temporal operator search-attribute create --namespace ${namespace} ${attributes}`;
}
