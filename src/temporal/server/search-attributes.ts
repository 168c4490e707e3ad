import { isGrpcServiceError, type Client } from '@temporalio/client';
import { ACCOUNT_ATTRIBUTE, MODE_ATTRIBUTE } from '../../workflows/ids.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of the API. */
const KEYWORD = 2;
const NAMES = [ACCOUNT_ATTRIBUTE.name, MODE_ATTRIBUTE.name];
/** `PERMISSION_DENIED`, `UNIMPLEMENTED` and `UNAUTHENTICATED`. */
const REFUSALS: ReadonlySet<number> = new Set([7, 12, 16]);

/** State of callweave's search attributes in a namespace. */
export interface AttributesState {
  readonly missing: readonly string[];
  /** Names of attributes that have another type than Keyword. */
  readonly wrongType: readonly string[];
  /** Names of attributes that the server tells nothing about, because it refuses both to list and to query. */
  readonly unknown: readonly string[];
  /** False on Temporal Cloud, and if the server refuses its operator service; else assumed to be true. */
  readonly canRegister: boolean;
}

/** Namespace of a server. */
interface AttributesPlace {
  /** `host` or `host:port` of the server. */
  readonly address: string;
  readonly namespace: string;
}

type KnownState = 'registered' | 'missing' | 'wrongType' | 'unknown';

/**
 * Looks which search attributes are registered, and registers none. If the server refuses its operator service, one
 * count query per attribute shows whether the attribute is there. Such a query takes Text and KeywordList for Keyword.
 * @throws the server's error if the namespace does not exist or the server does not answer
 */
export async function attributesState(client: Client, address: string): Promise<AttributesState> {
  const { states, isRefused } = await listedStates(client);
  const named = (wanted: KnownState): string[] => NAMES.filter((name) => states.get(name) === wanted);
  return {
    missing: named('missing'),
    wrongType: named('wrongType'),
    unknown: named('unknown'),
    canRegister: !isRefused && !isTemporalCloud(address),
  };
}

/**
 * Registers the search attributes that are missing. Returns null if all are there, else what an administrator has to do
 * because the server does not permit it.
 * @throws an error with the server's reason, if an attribute has another type or the registration fails
 */
export async function ensureSearchAttributes(client: Client, address: string): Promise<string | null> {
  const place = { address, namespace: client.options.namespace };
  const state = await attributesState(client, address);
  requireKeywords(state, place);
  if (state.missing.length === 0 && state.unknown.length === 0) return null;
  if (!state.canRegister) return missingAdvice(state, place);
  try {
    await register(client, state.missing);
    return null;
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    // Another process may have registered them in the meantime, which some servers answer with an error.
    const now = await attributesState(client, address);
    requireKeywords(now, place);
    if (now.missing.length === 0 && now.unknown.length === 0) return null;
    if (REFUSALS.has(error.code)) return missingAdvice(now, place);
    throw registrationFailure({ ...place, missing: now.missing, reason: error.details });
  }
}

/** Returns how an administrator registers search attributes: commands, each on a line of its own. */
export function registrationAdvice(input: AttributesPlace & { readonly missing: readonly string[] }): string {
  const { address, namespace, missing } = input;
  const attributes = missing.map((name) => `--name ${name} --type Keyword`);
  const cloud = attributes.map(
    (one) => `  temporal cloud namespace search-attribute create --namespace ${namespace} ${one}`,
  );
  const inCloud = 'with the Cloud extension of Temporal’s CLI (or create them in the Cloud UI)';
  if (isTemporalCloud(address)) return [`Have an administrator run this, ${inCloud}:`, ...cloud].join('\n');
  return [
    'Have an administrator run:',
    `  temporal operator search-attribute create --namespace ${namespace} ${attributes.join(' ')}`,
    `If this is Temporal Cloud, run this instead, ${inCloud}:`,
    ...cloud,
  ].join('\n');
}

/** True if an address (`host` or `host:port`) is one of Temporal Cloud. */
export function isTemporalCloud(address: string): boolean {
  const host = address.replace(/:\d+$/, '').toLowerCase();
  return host.endsWith('.tmprl.cloud') || host.endsWith('.api.temporal.io');
}

/** True if a message of the server is about one of our search attributes. */
export function concernsSearchAttributes(message: string): boolean {
  return /search attribute/i.test(message) && NAMES.some((name) => message.includes(name));
}

/** Returns what is the matter with attributes that callweave may not register, and what to do. */
function missingAdvice({ missing, unknown }: AttributesState, place: AttributesPlace): string {
  const { namespace } = place;
  const trouble =
    missing.length > 0
      ? `The namespace ${namespace} lacks search attributes (${missing.join(', ')}), and callweave may not register them: ` +
        'nothing can be started until they are there.'
      : `callweave may not see whether the namespace ${namespace} has the search attributes ${unknown.join(', ')}. If ` +
        'it lacks them, nothing can be started.';
  return `${trouble} ${registrationAdvice({ ...place, missing: missing.length > 0 ? missing : unknown })}`;
}

async function listedStates(client: Client): Promise<{ states: ReadonlyMap<string, KnownState>; isRefused: boolean }> {
  const { namespace } = client.options;
  try {
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
    const registered = new Map<string, number>(Object.entries(customAttributes));
    return { states: new Map(NAMES.map((name) => [name, stateOf(registered.get(name))])), isRefused: false };
  } catch (error) {
    // If the namespace does not exist, the server answers every request with NOT_FOUND.
    if (!isGrpcServiceError(error) || isNotFound(error)) throw error;
    const states = await Promise.all(NAMES.map(async (name) => [name, await queriedState(client, name)] as const));
    return { states: new Map(states), isRefused: REFUSALS.has(error.code) };
  }
}

function stateOf(type: number | undefined): KnownState {
  if (type === undefined) return 'missing';
  return type === KEYWORD ? 'registered' : 'wrongType';
}

/** Asks how many workflows have some value of the attribute, which the server refuses if it does not know the name. */
async function queriedState(client: Client, name: string): Promise<KnownState> {
  const { namespace } = client.options;
  try {
    await client.workflowService.countWorkflowExecutions({ namespace, query: `${name} = 'callweave'` });
    return 'registered';
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    if (REFUSALS.has(error.code)) return 'unknown';
    if (!isInvalidArgument(error)) throw error;
    // The wording differs between servers. The query is valid but for the attribute: unknown, or not a text.
    return / of type |unable to parse/i.test(error.details) ? 'wrongType' : 'missing';
  }
}

async function register(client: Client, names: readonly string[]): Promise<void> {
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(names.map((name) => [name, KEYWORD])),
  });
}

function requireKeywords({ wrongType }: AttributesState, { address, namespace }: AttributesPlace): void {
  if (wrongType.length === 0) return;
  const remedy = isTemporalCloud(address)
    ? `Rename them (\`temporal cloud namespace search-attribute rename --namespace ${namespace} --existing-name NAME ` +
      '--new-name OTHER`)'
    : `Remove them (\`temporal operator search-attribute remove --namespace ${namespace} --name NAME\`)`;
  throw new Error(
    `search attributes of callweave must have the type Keyword, and in the namespace ${namespace} these have another: ` +
      `${wrongType.join(', ')}. ${remedy} and try again, or set TEMPORAL_NAMESPACE to a separate namespace for callweave`,
  );
}

function registrationFailure(input: { namespace: string; missing: readonly string[]; reason: string }): Error {
  const { namespace, missing, reason } = input;
  return new Error(
    `cannot register the search attributes ${missing.join(', ')} (Keyword) in the namespace ${namespace}: ` +
      `${reason.replace(/\.$/, '')}. If the namespace is full, remove one that nothing uses (\`temporal operator ` +
      `search-attribute remove --namespace ${namespace} --name NAME\`), or set TEMPORAL_NAMESPACE to a separate ` +
      'namespace for callweave',
  );
}

/** `NOT_FOUND` of gRPC. */
function isNotFound({ code }: { readonly code: number }): boolean {
  return code === 5;
}

/** `INVALID_ARGUMENT` of gRPC. */
function isInvalidArgument({ code }: { readonly code: number }): boolean {
  return code === 3;
}
