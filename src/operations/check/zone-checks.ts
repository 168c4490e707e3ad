import { fittingZones } from '../../domain/days/fitting-zones.js';
import {
  compareVerdicts,
  explainMismatch,
  offsetText,
  statedOffsets,
  zoneVerdicts,
  type StatedOffsets,
  type ZoneCode,
  type ZoneVerdict,
} from '../../domain/days/zone-check.js';
import type { Transaction } from '../../domain/invoca/transaction.js';
import type { InvocaAccount } from '../../settings/accounts.js';
import type { SeenRows } from './seen-rows.js';
import { notTried, type Findings } from './source-results.js';
import { capitalised, failed, ok, warning, type Finding } from './trials.js';

interface ZonesToCheck {
  readonly account: InvocaAccount;
  readonly rows: SeenRows;
}

const SHOWN_ZONES = 5;

/** Compares the zones that the rows state with the setting and with each other. */
export function zoneFindings({ account: { timeZone }, rows: seen }: ZonesToCheck): Findings {
  const rows = seen.kind === 'skipped' ? [] : seen.transactions.map(({ transaction }) => transaction);
  if (seen.kind === 'skipped') {
    const local = timeZone === null ? zoneNotSet(rows) : notTried(seen);
    return { 'source.time-zone': local, 'source.platform-time-zone': notTried(seen) };
  }
  return {
    'source.time-zone': timeZone === null ? zoneNotSet(rows) : zoneFinding(rows, timeZone),
    'source.platform-time-zone': platformFinding(rows),
  };
}

function zoneNotSet(rows: readonly Transaction[]): Finding {
  const offsets = offsetsOf(rows);
  const seen = offsets.length === 0 ? '' : `; the rows seen have ${offsetsText(offsets)}`;
  return warning(
    `INVOCA_TIME_ZONE is not set${seen}`,
    `Set it to the time zone in which the token was created: backfills and the nightly reconcile need it${fitting(rows)}`,
  );
}

function zoneFinding(rows: readonly Transaction[], timeZone: string): Finding {
  const verdicts = verdictsOf(rows, { code: 'time-zone', timeZone });
  if (verdicts.length === 0) return notTried({ reason: 'no row was seen that states its local time' });
  const wrong = newestWrong(verdicts);
  if (wrong === null) return ok(`${timeZone} has the offset of all rows seen that state their local time`);
  const { finding, advice } = explainMismatch('time-zone', { ...wrong, timeZone });
  return failed(`${finding} (transaction ${wrong.transactionId})`, `${capitalised(advice)}${fitting(rows)}`);
}

function platformFinding(rows: readonly Transaction[]): Finding {
  const verdicts = verdictsOf(rows, { code: 'platform-time-zone', timeZone: null });
  if (verdicts.length === 0) return notTried({ reason: "no row was seen that states its time in the platform's zone" });
  const wrong = newestWrong(verdicts);
  if (wrong === null) return ok("the platform's time zone has the offset of the token's");
  const { finding, advice } = explainMismatch('platform-time-zone', { ...wrong, timeZone: null });
  return warning(`${finding} (transaction ${wrong.transactionId})`, capitalised(advice));
}

/** Compares each row by itself: one token wrote all their local times, so a zone is wrong if it does not fit one. */
function verdictsOf(
  rows: readonly Transaction[],
  { code, timeZone }: { code: ZoneCode; timeZone: string | null },
): ZoneVerdict[] {
  return rows.flatMap((row) => zoneVerdicts([row], timeZone)[code] ?? []);
}

function newestWrong(verdicts: readonly ZoneVerdict[]): ZoneVerdict | null {
  return (
    verdicts
      .filter(({ disagrees }) => disagrees)
      .sort(compareVerdicts)
      .at(-1) ?? null
  );
}

function offsetsOf(rows: readonly Transaction[]): StatedOffsets[] {
  return rows.flatMap((row) => statedOffsets(row) ?? []);
}

function offsetsText(offsets: readonly StatedOffsets[]): string {
  const texts = [...new Set(offsets.map(({ local }) => offsetText(local)))].sort();
  return `the UTC ${texts.length === 1 ? 'offset' : 'offsets'} ${texts.join(', ')}`;
}

/** Names zones that fit all rows seen, as another sentence to append; empty if no row states its offset. */
function fitting(rows: readonly Transaction[]): string {
  const offsets = offsetsOf(rows);
  if (offsets.length === 0) return '';
  const zones = fittingZones(offsets, SHOWN_ZONES);
  return zones.length === 0 ? '. No zone fits all rows seen' : `. Zones that fit the rows seen: ${zones.join(', ')}`;
}
