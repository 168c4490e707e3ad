import { runningHold } from '../../store/limits/holds.js';
import { waitResult, type WaitResult } from '../requests/account-hold.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';

export interface ClaimInvoicesInput {
  readonly account: string;
  /** Those due by then, an ISO instant. */
  readonly dueBy: string;
}

/** Nothing is due where no invoice is claimed. `wait`: the account is on hold. */
export type ClaimInvoicesResult =
  { readonly outcome: 'claimed'; readonly invoiceIds: readonly string[]; readonly lease: string } | WaitResult;

export interface ReleaseInvoicesInput {
  readonly account: string;
  readonly invoiceIds: readonly string[];
  readonly lease: string;
  readonly dueBy: string;
}

/** Longer than a batch takes unless it waits for the source, which hands the rest back. */
const LEASE_MS = 30 * 60_000;
const CLAIM_LIMIT = 100;

/**
 * Claims invoices of the account that are due. The claim is a lease: nobody else is given the same invoices before it
 * runs out. While the account is on hold nothing is claimed.
 */
export async function claimInvoices(
  deps: ActivityDependencies,
  { account, dueBy }: ClaimInvoicesInput,
): Promise<ClaimInvoicesResult> {
  requireAccount(deps.invoices, account);
  const hold = runningHold(await deps.store.limits.read(account), deps.now());
  if (hold !== null) return waitResult(hold);
  const claim = await deps.store.invoices.claim({
    account,
    dueBy: new Date(dueBy),
    leasedUntil: new Date(deps.now().getTime() + LEASE_MS),
    limit: CLAIM_LIMIT,
  });
  return { outcome: 'claimed', ...claim };
}

/** Hands back what of the claim was not asked about, due as it was. */
export async function releaseInvoices(
  { store }: ActivityDependencies,
  { dueBy, ...claim }: ReleaseInvoicesInput,
): Promise<void> {
  await store.invoices.release({ ...claim, dueAt: new Date(dueBy) });
}
