import { DateTime } from 'luxon';
import { groupName, type Campaign } from './company.js';
import type { CallFacts } from './call-facts.js';
import type { Random } from '../random.js';
import { servedInvocaAccount } from '../sample-account.js';

export type SampleRow = Readonly<Record<string, unknown>>;

export interface CustomEntry {
  readonly name?: string;
  readonly partner_name?: string;
  readonly data_type: string;
  readonly source: string;
  readonly value: string | boolean | null;
}

interface CallRowParts {
  readonly facts: CallFacts;
  readonly random: Random;
  readonly campaign: Campaign;
  readonly payinConditions: string;
  readonly customData: readonly CustomEntry[];
}

/** Writes the row that appears when a call ends. */
export function callRow({ facts, random, campaign, payinConditions, customData }: CallRowParts): SampleRow {
  const isPaid = facts.connectSeconds >= 60 && payinConditions !== 'Bundled';
  return {
    transaction_id: newTransactionId(random),
    corrects_transaction_id: null,
    transaction_type: 'Call',
    complete_call_id: facts.callId,
    original_order_id: null,
    ...parties(campaign),
    call_result_description_detail: isPaid ? 'Paid' : 'Not Paid',
    ...money({ isPaid, campaign, random }),
    matching_advertiser_payin_policies: isPaid ? 'base' : '',
    payin_conditions: payinConditions,
    ...callTimes(facts),
    ...callDurations(facts),
    ...callerColumns(facts, random),
    keypresses: facts.connectSeconds > 0 ? 'Appointments' : '',
    keypress_1: facts.connectSeconds > 0 ? 'Appointments' : '',
    hangup_cause: facts.hangupCause,
    recording: facts.connectSeconds > 0 ? `https://bluefern.invoca.example/call/recording/${facts.callId}` : '',
    corrected_at: null,
    opt_in_SMS: 0,
    transfer_from_type: campaign.affiliateName === null ? 'Advertiser Direct' : 'Publisher Direct',
    notes: '',
    verified_zip: '',
    signal_name: signalNames(customData),
    signal_partner_unique_id: null,
    signal_occurred_at: null,
    revenue: null,
    sale_amount: null,
    custom_data: customData,
  };
}

/** Makes an id of 8 hexadecimal digits, a dash and 8 more, as documented. Ids do not follow the order of the feed. */
export function newTransactionId(random: Random): string {
  return `${random.hex(8)}-${random.hex(8)}`;
}

/** Returns the columns of a call's start, which every row about the call repeats. Token and platform have one zone. */
export function callTimes({ startedAt }: CallFacts): SampleRow {
  const { timeZone } = servedInvocaAccount;
  return {
    start_time_local: clockText(startedAt, timeZone),
    start_time_xml: xmlTime(startedAt, timeZone),
    start_time_utc: startedAt.getTime(),
    ...platformTimes(startedAt, timeZone),
  };
}

/** Returns the columns of a call's start in the platform's zone of today. */
export function platformTimes(startedAt: Date, platformZone: string): SampleRow {
  return {
    start_time_network_timezone: clockText(startedAt, platformZone),
    start_time_network_timezone_xml: xmlTime(startedAt, platformZone),
  };
}

/** Lists the names of the Signals that are true, as rolled-up rows do. */
export function signalNames(customData: readonly CustomEntry[]): string {
  const held = customData.filter(({ data_type: type, value }) => type === 'Signal' && value === true);
  return held.map(({ name }) => name).join(', ');
}

function callDurations({ durationSeconds, connectSeconds, ivrSeconds }: CallFacts): SampleRow {
  return { duration: durationSeconds, connect_duration: connectSeconds, ivr_duration: ivrSeconds };
}

function parties(campaign: Campaign): SampleRow {
  return {
    advertiser_id: servedInvocaAccount.advertiserId,
    advertiser_id_from_network: 'BFD',
    advertiser_name: groupName,
    advertiser_campaign_id: campaign.id,
    advertiser_campaign_id_from_network: campaign.id.slice(-2),
    advertiser_campaign_name: campaign.name,
    advertiser_campaign_country: 'USA',
    affiliate_id: campaign.affiliateName === null ? '' : servedInvocaAccount.affiliateId,
    affiliate_id_from_network: '',
    affiliate_name: campaign.affiliateName ?? '',
    media_type: campaign.mediaType,
    call_source_description: campaign.promoNumber,
    virtual_line_id: `VL-${campaign.id}`,
    dynamic_number_pool_id: campaign.utmMedium === null ? null : 880_000 + Number(campaign.id.slice(-2)),
    dynamic_number_pool_pool_type: campaign.utmMedium === 'cpc' ? 'SearchKeyword' : null,
  };
}

function money({ isPaid, campaign, random }: { isPaid: boolean; campaign: Campaign; random: Random }): SampleRow {
  const payin = isPaid ? 12 : 0;
  const payout = isPaid && campaign.affiliateName !== null ? 8 : 0;
  const fee = (random.int(5, 95) / 100).toFixed(2);
  return {
    advertiser_payin_localized: payin.toFixed(2),
    affiliate_payout_localized: payout.toFixed(2),
    margin_localized: (payin - payout).toFixed(2),
    call_fee_localized: fee,
  };
}

function callerColumns({ caller, location, connectSeconds }: CallFacts, random: Random): SampleRow {
  return {
    calling_phone_number: caller.phone,
    destination_phone_number: connectSeconds > 0 ? location.phone : '',
    mobile: caller.type,
    repeat_calling_phone_number: random.chance(0.1) ? 'true' : '',
    city: caller.city,
    region: caller.region,
    qualified_regions: 'US',
  };
}

/** Writes an instant like `start_time_local`: `2024-05-02 09:31:07 -07:00`. */
export function clockText(instant: Date, zone: string): string {
  const text = xmlTime(instant, zone);
  return `${text.slice(0, 10)} ${text.slice(11, 19)} ${text.slice(19)}`;
}

/** Writes an instant like `start_time_xml`: `2024-05-02T09:31:07-07:00`. */
function xmlTime(instant: Date, zone: string): string {
  const text = DateTime.fromMillis(Math.floor(instant.getTime() / 1_000) * 1_000, { zone }).toISO({
    suppressMilliseconds: true,
  });
  return (text ?? '').replace('Z', '+00:00');
}
