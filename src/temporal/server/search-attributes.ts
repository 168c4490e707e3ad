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

/** Search attributes that are missing, or may be, and that callweave may not register. */
export interface AttributesLack {
  /** False if the server does not let callweave see whether they are missing. */
  readonly isCertain: boolean;
  /** The matter and what an administrator has to do, on several lines. */
  readonly advice: string;
}

/**
 * Registers the search attributes that are missing. Returns null if all are there, else what is lacking because the
 * server does not permit it.
 * @throws an error with the server's reason, if an attribute has another type or the registration fails
 */
export async function ensureSearchAttributes(client: Client, address: string): Promise<AttributesLack | null> {
  const place = { address, namespace: client.options.namespace };
  const state = await attributesState(client, address);
  requireKeywords(state, place);
  if (state.missing.length === 0 || !state.canRegister) return lackOf(state, place);
  try {
    await register(client, state.missing);
    return null;
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    // Another process may have registered them in the meantime, which some servers answer with an error.
    const now = await attributesState(client, address);
    requireKeywords(now, place);
    if (now.missing.length === 0 || REFUSALS.has(error.code)) return lackOf(now, place);
    throw registrationFailure({ ...place, missing: now.missing, reason: error.details });
  }
}

/**
 * Registers the search attributes that are missing, for a command that needs them at once. Returns advice if the server
 * does not let callweave see whether they are there, else null.
 * @throws an error with the commands of an administrator if callweave may not register them, and if it fails to
 */
export async function requireSearchAttributes(client: Client, address: string): Promise<string | null> {
  const lack = await ensureSearchAttributes(client, address);
  if (lack?.isCertain === true) throw new Error(lack.advice);
  return lack?.advice ?? null;
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

function lackOf({ missing, unknown }: AttributesState, place: AttributesPlace): AttributesLack | null {
  const { namespace } = place;
  const isCertain = missing.length > 0;
  const names = isCertain ? missing : unknown;
  if (names.length === 0) return null;
  const matter = isCertain
    ? `the namespace ${namespace} lacks search attributes (${names.join(', ')}), and callweave may not register them: ` +
      'nothing can be started until they are there.'
    : `callweave may not see whether the namespace ${namespace} has the search attributes ${names.join(', ')}: nothing ` +
      'can be started if it lacks them.';
  return { isCertain, advice: `${matter} ${registrationAdvice({ ...place, missing: names })}` };
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
