import type { Account } from '../../settings/accounts.js';
import type { SourceError } from '../../sources/errors.js';
import type { CheckResult } from './check-result.js';
import { failed, type Finding } from './trials.js';

/** Findings of checks by id, in the order in which they are shown. */
export type Findings = Readonly<Record<string, Finding>>;

/** Reason why a check has no result, as a clause. */
export interface Skip {
  readonly kind: 'skipped';
  readonly reason: string;
  /** True if it was tried, and the source asked to wait. */
  readonly wasTried?: true;
}

export function skipped(reason: string): Skip {
  return { kind: 'skipped', reason };
}

/** Makes the reason why nothing that depends on a check was tried after it failed. */
export function afterFailed(id: string): Skip {
  return skipped(`${id} failed`);
}

/** True if the result only follows from a check of the source that failed. */
export function isConsequence({ state, message }: Pick<CheckResult, 'state' | 'message'>): boolean {
  return state === 'skipped' && /^not tried, because source\.\S+ failed$/.test(message);
}

/** Makes the finding of a check that was not tried, or that the source put off. */
export function notTried({
  reason,
  wasTried = false,
}: Pick<Skip, 'reason'> & { readonly wasTried?: boolean }): Finding {
  return { state: 'skipped', message: wasTried ? reason : `not tried, because ${reason}`, advice: null };
}

/** Makes the finding of a request that got no usable answer, with the names of the settings to look at. */
export function unanswered(error: SourceError, account: Account): Finding {
  const advice = [adviceOn(error), settingsFor(error, account)].join(' ').trim();
  return failed(clause(error.finding), clause(advice));
}

/** Returns sentences without their last full stop, which whoever shows them adds. */
export function clause(sentences: string): string {
  return sentences.replace(/\.$/, '');
}

export function resultsOf(account: Pick<Account, 'name'>, findings: Findings): CheckResult[] {
  return Object.entries(findings).map(([id, finding]) => ({ id, account: account.name, ...finding }));
}

/** Returns the advice of the error. A check asks for too little to be helped by asking for less. */
function adviceOn({ kind, status, advice }: SourceError): string {
  if (kind !== 'too-much') return advice;
  if (status !== null) return 'The source has a problem; the same request may work later.';
  return 'Check the network, a proxy and the firewall between this machine and that host; if they are right, the source is slow or down.';
}

/** Names of the settings by what they say about an account. */
const SETTINGS = {
  invoca: { secret: 'INVOCA_TOKEN', place: ['INVOCA_SCOPE', 'INVOCA_ID'], baseUrl: 'INVOCA_BASE_URL' },
  credira: { secret: 'CREDIRA_API_KEY', place: [], baseUrl: 'CREDIRA_BASE_URL' },
} as const;

function settingsFor(error: SourceError, { source }: Account): string {
  const names = settingsToCheck(error, source);
  return names.length === 0 ? '' : `${names.length === 1 ? 'Setting' : 'Settings'}: ${names.join(', ')}.`;
}

/** Returns the names of the settings that may have caused the error; none if the source itself is in trouble. */
function settingsToCheck({ kind, status, advice }: SourceError, source: Account['source']): readonly string[] {
  const { secret, place, baseUrl } = SETTINGS[source];
  if (kind === 'too-much' || (status !== null && status >= 500)) return [];
  if (status === 401 || (status === null && kind === 'refused')) return [secret];
  if (status === 403) return [secret, ...place];
  if (status === 404) return [...place, baseUrl];
  if (status === 400) return source === 'invoca' ? ['INVOCA_API_VERSION'] : [];
  // A proxy or this machine may be in the way, which no setting of the account changes.
  if (status === null && !advice.includes('base URL')) return [];
  return status === 408 ? [] : [baseUrl];
}
