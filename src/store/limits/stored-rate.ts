import type { Collection } from 'mongodb';
import { describing } from '../errors.js';
import { EPOCH, type Hold, type RateFields } from './holds.js';
import type { TranscriptsState } from './transcript-holds.js';
import type { ZoneStates } from './zone-notes.js';

/** A document of the collection `limits`. */
export interface LimitDocument extends Partial<Hold> {
  readonly _id: string;
  readonly zone?: ZoneStates;
  /** Time of the rate's last climb. */
  readonly climbedAt?: Date | null;
  readonly transcripts?: TranscriptsState;
  /** Lease of the last claim of transcripts, in milliseconds since 1970. */
  readonly transcriptLeaseMs?: number;
}

/** A hold as it is stored: older versions wrote no refusal. */
export type StoredHold = Partial<Hold> & Pick<Hold, 'holdUntil'>;

/** True if the account ever had a hold. */
export function isHold(fields: Partial<Hold>): fields is StoredHold {
  return fields.holdUntil !== undefined;
}

/** Returns the hold with the defaults of fields that are not stored. */
export function wholeHold({ holdUntil = EPOCH, rate = null, epoch = 0, reason = '', refusal }: Partial<Hold>): Hold {
  return { holdUntil, rate, epoch, reason, refusal: refusal ?? null };
}

interface RateChange {
  readonly limits: Collection<LimitDocument>;
  readonly account: string;
  /** Returns the changes; null to change nothing. It is called again if another worker changes the rate meanwhile. */
  readonly changesOf: (stored: RateFields) => Partial<RateFields> | null;
}

/** Changes the rate of an account that has had a hold. Returns the hold with its rate afterwards. */
export async function changeRate({ limits, account, changesOf }: RateChange): Promise<Hold> {
  return describing(`limits: changing the rate of account ${account}`, async () => {
    for (;;) {
      const stored = await limits.findOne({ _id: account });
      const hold = wholeHold(stored ?? {});
      const climbedAt = stored?.climbedAt ?? null;
      const changes = changesOf({ ...hold, climbedAt });
      if (changes === null) return hold;
      const { epoch, rate, refusal } = hold;
      const asRead = { epoch, rate, climbedAt, 'refusal.answered': refusal?.answered ?? null };
      const { matchedCount } = await limits.updateOne({ _id: account, ...asRead }, { $set: changes });
      if (matchedCount === 1) return wholeHold({ ...hold, ...changes });
    }
  });
}
