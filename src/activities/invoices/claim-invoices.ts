import { runningHold } from '../../store/limits/holds.js';
import { waitResult, type WaitResult } from '../requests/account-hold.js';
import { requireAccount, type ActivityDependencies } from '../dependencies.js';

export interface ClaimInvoicesInput {
  readonly account: string;
  /** ISO instant: claims invoices due by then. */
  readonly dueBy: string;
}

/** `invoiceIds` is empty if no invoice is due. `wait`: the account is on hold. */
export type ClaimInvoicesResult =
  { readonly outcome: 'claimed'; readonly invoiceIds: readonly string[]; readonly lease: string } | WaitResult;

export interface ReleaseInvoicesInput {
  readonly account: string;
  readonly invoiceIds: readonly string[];
  readonly lease: string;
  readonly dueBy: string;
}

/** Longer than a batch takes. A batch that must wait for the source releases its remaining invoices. */
const LEASE_MS = 30 * 60_000;
const CLAIM_LIMIT = 100;

/**
 * Claims up to 100 due invoices of the account. The claim is a lease: no other claim returns the same invoices before
 * it expires. Claims nothing while the account is on hold.
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

/** Releases the invoices of the claim that were not asked about; they are due at `dueBy` again. */
export async function releaseInvoices(
  { store }: ActivityDependencies,
  { dueBy, ...claim }: ReleaseInvoicesInput,
): Promise<void> {
  await store.invoices.release({ ...claim, dueAt: new Date(dueBy) });
}
