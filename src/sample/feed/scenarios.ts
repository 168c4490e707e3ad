/** A property of a call; a scenario may have several. */
export type Trait =
  /** The caller gives up at once: no connection, no recording, no custom data. */
  | 'quick-hang-up'
  /** Signal AI finds Signals after the end of the call: a correction. */
  | 'ai'
  /** A second correction, which names the original row. */
  | 'notes-on-original'
  /** A second correction, which names the first. */
  | 'notes-on-previous'
  /** A person takes a Signal back: true, then false. */
  | 'signal-removed'
  /** A Signal without a value in this row: null. */
  | 'null-signal'
  /** Two legs under one call record. */
  | 'bundled'
  /** The CRM reports a visit: a Post Call Event. */
  | 'event'
  | 'event-corrected'
  | 'event-corrected-next-days'
  /** Another event, with a different partner id. */
  | 'second-event'
  /** An event with the same partner id, without a link to the row before. */
  | 'event-repeated'
  /** Rows as versions before 2020-10-01 write them. */
  | 'old-signals'
  | 'old-sale'
  | 'reported-conversion'
  /** Numbers as strings, money with signs, unknown columns, blanks of both kinds. */
  | 'odd-values';

const scenarios: readonly (readonly Trait[])[] = [
  ...times(7, []),
  ...times(4, ['quick-hang-up']),
  ...times(9, ['ai']),
  ['ai', 'notes-on-original'],
  ...times(2, ['ai', 'notes-on-previous']),
  ...times(2, ['ai', 'signal-removed']),
  ...times(2, ['ai', 'null-signal']),
  ['bundled'],
  ['bundled', 'ai'],
  ...times(2, ['ai', 'event']),
  ['event', 'event-corrected'],
  ['ai', 'event', 'event-corrected-next-days'],
  ['ai', 'event', 'second-event'],
  ['event', 'event-repeated'],
  ['old-signals'],
  ['old-signals', 'old-sale'],
  ['old-signals', 'reported-conversion'],
  ['odd-values'],
  ['ai', 'odd-values'],
];

/** Returns the traits of a call. As many successive calls as there are scenarios cover them all; neighbours differ. */
export function traitsOf(callIndex: number): ReadonlySet<Trait> {
  const stride = 17;
  return new Set(scenarios[(callIndex * stride) % scenarios.length]);
}

export const scenarioCount = scenarios.length;

function times(count: number, traits: readonly Trait[]): readonly (readonly Trait[])[] {
  return Array.from({ length: count }, () => traits);
}
