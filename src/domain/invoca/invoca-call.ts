import { decimal, MERGED_FIELDS } from '../call.js';
import {
  amount,
  choice,
  flag,
  instant,
  listOf,
  absentOr,
  orNull,
  shaped,
  text,
  type ObjectOf,
} from '../document/field.js';
import { CALL_COLUMNS, TRANSACTION } from './transaction.js';

const NEWEST_OF_CHAIN = text('Newest transaction of the chain.', 'B00D77E1-0294AC3F');
const ORIGINAL_OF_CHAIN = text(
  'Transaction that the chain began with: the same id as corrections arrive, even if it was never read.',
  '3F9A52C4-88D1B6E0',
);

const LEG = {
  name: 'Leg',
  description: 'A transaction of type Call with its corrections. A bundled campaign gives one call two legs.',
  fields: {
    transactionId: NEWEST_OF_CHAIN,
    originalTransactionId: ORIGINAL_OF_CHAIN,
    bundled: flag('True for the leg of a bundled campaign.', false),
    durationSeconds: orNull(amount('Duration in seconds; null if not stated.', 214)),
  },
} as const;
export type Leg = ObjectOf<typeof LEG.fields>;

const EVENT_KINDS = ['post_call_event', 'sale', 'signal', 'other'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

const EVENT = {
  name: 'CallEvent',
  description: 'A transaction of any other type with its corrections.',
  fields: {
    kind: choice(EVENT_KINDS, 'Kind of the event.', 'post_call_event'),
    type: absentOr(orNull(text('Type in the source’s spelling; only for the kind `other`.'))),
    partnerUniqueId: orNull(text('The partner’s own id of the event; null if it has none.', 'crm-551')),
    occurredAt: orNull(instant('Time of the event; null if not stated.', '2024-05-03T09:12:00.000Z')),
    revenue: orNull(decimal('Amount of the event as an exact decimal; null if not stated or not readable.', '80.0')),
    transactionId: NEWEST_OF_CHAIN,
    originalTransactionId: ORIGINAL_OF_CHAIN,
  },
} as const;
export type CallEvent = ObjectOf<typeof EVENT.fields>;

/** The merge of all rows of one Invoca call: a pure function of the set of rows seen. */
export const INVOCA_FIELDS = {
  ...MERGED_FIELDS,
  legs: listOf(shaped(LEG), 'Legs, the oldest first.'),
  events: listOf(shaped(EVENT), 'Events, the oldest first.'),
  columns: CALL_COLUMNS,
  transactions: listOf(shaped(TRANSACTION), 'Everything that was read, by id.'),
};
export type MergedInvocaCall = ObjectOf<typeof INVOCA_FIELDS>;
