/**
 * Rows of a made-up feed, serialised before they are asked for: only ids, times and corrections differ from row to row.
 *
 * The feed has days of `rowsPerDay` rows each, one day after the other. Of 20 rows, 17 are calls, two correct a call up to
 * some 4,000 rows before them, and one is an event of such a call, always of the same day.
 */

export const FIRST_DAY = '2024-01-01';
/** The zone of the feed: an IANA zone whose offset is the same all year, so that a row needs no calendar. */
export const ZONE = 'America/Phoenix';

const OFFSET_MS = -7 * 3_600_000;
const FIRST_MS = Date.parse(FIRST_DAY) - OFFSET_MS;
const MS_PER_DAY = 86_400_000;
const VARIANTS = 64;
/** Rows of each kind have these places among 20. */
const CORRECTIONS = new Set([3, 13]);
const EVENT = 7;
const CYCLE = 20;
const MAX_CYCLES_BACK = 200;
/** No row is further from the call it belongs to. */
const MAX_DISTANCE = CYCLE * (MAX_CYCLES_BACK + 1);
const LONGEST_HEAD = 700;

/** Creates the feed. `rowBytes` is the size of a row of a call, of 3,000 bytes at least. */
export function createFeedRows({ rows, rowsPerDay, rowBytes }) {
  const tails = { call: variantsOf(callTail, rowBytes), event: variantsOf(eventTail, 0) };
  const rowOf = createRowOf(rowsPerDay);
  return {
    rows,
    rowsPerDay,
    rowOf,
    /** Returns rows as the text of a JSON list. */
    serialise: (indexes) => serialise({ rows: indexes.map(rowOf), tails }),
    /** Returns the places of a call's rows among the first `readable`. */
    placesOfCall(callId, readable) {
      const first = placeOf(callId);
      const places = [];
      for (let index = first; index < Math.min(readable, first + MAX_DISTANCE); index += 1) {
        if (rowOf(index).callIndex === first) places.push(index);
      }
      return places;
    },
  };
}

/** Returns the place of the row with this transaction id, or of the original row of the call with this id. */
export function placeOf(id) {
  return Number(id.slice(1));
}

export function transactionIdOf(index) {
  return `T${String(index).padStart(9, '0')}`;
}

export function callIdOf(index) {
  return `C${String(index).padStart(9, '0')}`;
}

/** Returns a function that returns the place of the original row of the call of a row. */
export function createCallOf(rowsPerDay) {
  return (index) => {
    const inDay = index % rowsPerDay;
    return kindOf(inDay % CYCLE) === 'call' ? index : index - inDay + callInDay(inDay);
  };
}

function createRowOf(rowsPerDay) {
  const callOf = createCallOf(rowsPerDay);
  return (index) => {
    const kind = kindOf((index % rowsPerDay) % CYCLE);
    const callIndex = callOf(index);
    const startMs =
      FIRST_MS +
      Math.floor(index / rowsPerDay) * MS_PER_DAY +
      Math.floor(((callIndex % rowsPerDay) * MS_PER_DAY) / rowsPerDay);
    return { index, kind, callIndex, startMs };
  };
}

function kindOf(place) {
  if (CORRECTIONS.has(place)) return 'correction';
  return place === EVENT ? 'event' : 'call';
}

/** Returns the place in its day of the call that a correction or an event is about: the row before it, or an earlier one. */
function callInDay(inDay) {
  // Knuth's multiplicative hash spreads the distances.
  const cyclesBack = ((inDay * 2_654_435_761) >>> 0) % MAX_CYCLES_BACK;
  return Math.max((inDay % CYCLE) - 1, inDay - 1 - cyclesBack * CYCLE);
}

function serialise({ rows, tails }) {
  const tailOf = ({ kind, callIndex }) => (kind === 'event' ? tails.event : tails.call)[callIndex % VARIANTS];
  const bytes = rows.reduce((sum, row) => sum + tailOf(row).length + LONGEST_HEAD, 2);
  const page = Buffer.allocUnsafe(bytes);
  let at = page.write('[', 0, 'latin1');
  for (const [place, row] of rows.entries()) {
    at += page.write(place === 0 ? headOf(row) : `,${headOf(row)}`, at, 'latin1');
    at += tailOf(row).copy(page, at);
  }
  at += page.write(']', at, 'latin1');
  return page.subarray(0, at);
}

/** Returns the columns that differ from row to row, without the closing bracket. */
function headOf({ index, kind, callIndex, startMs }) {
  const clock = new Date(startMs + OFFSET_MS).toISOString();
  const [day, time] = [clock.slice(0, 10), clock.slice(11, 19)];
  const local = `"${day} ${time} -07:00"`;
  const xml = `"${day}T${time}-07:00"`;
  const callId = callIdOf(callIndex);
  const isCorrection = kind === 'correction';
  return (
    `{"transaction_id":"${transactionIdOf(index)}",` +
    `"corrects_transaction_id":${isCorrection ? `"${transactionIdOf(callIndex)}"` : 'null'},` +
    `"transaction_type":"${kind === 'event' ? 'Post Call Event' : 'Call'}","complete_call_id":"${callId}",` +
    `"corrected_at":${isCorrection ? local : 'null'},"start_time_local":${local},"start_time_xml":${xml},` +
    `"start_time_utc":${startMs},"start_time_network_timezone":${local},"start_time_network_timezone_xml":${xml},` +
    `"recording":"https://acme.invoca.example/call/recording/${callId}",`
  );
}

function variantsOf(columnsOf, bytes) {
  return Array.from({ length: VARIANTS }, (_unused, variant) => {
    const columns = columnsOf(variant);
    // A row of the wanted size has the rest in its notes. The head is some 600 bytes.
    const missing = bytes - 600 - JSON.stringify(columns).length;
    if (missing > 0)
      columns.notes += 'The caller asked for the opening hours. '.repeat(Math.ceil(missing / 40)).slice(0, missing);
    return Buffer.from(JSON.stringify(columns).slice(1), 'latin1');
  });
}

function callTail(variant) {
  const two = String(variant).padStart(2, '0');
  const numbered = (count, columnsOf) =>
    Object.fromEntries(Array.from({ length: count }, (_unused, index) => columnsOf(index + 1)).flat());
  return {
    advertiser_id: `2170${two}`,
    advertiser_id_from_network: `ACME-${two}`,
    advertiser_name: `Acme Dental Group ${two}`,
    advertiser_campaign_id: `5011${two}`,
    advertiser_campaign_id_from_network: `C-${two}`,
    advertiser_campaign_name: `Search - New Patients ${two}`,
    advertiser_campaign_country: 'USA',
    affiliate_id: `3400${two}`,
    affiliate_id_from_network: `PUB-${two}`,
    affiliate_name: `Publisher ${two}`,
    promo_line_description: `Line ${two} of the spring campaign`,
    virtual_line_id: `VL-5011${two}`,
    media_type: 'Online: Search',
    call_source_description: `888-555-01${two}`,
    transfer_from_type: 'Advertiser Direct',
    during_hours: 'Yes',
    duration: 60 + 7 * variant,
    connect_duration: 43 + 7 * variant,
    ivr_duration: 17,
    calling_phone_number: `916-555-01${two}`,
    destination_phone_number: `509-555-01${two}`,
    mobile: variant % 2 === 0 ? 'Mobile' : 'Landline',
    repeat_calling_phone_number: variant % 5 === 0 ? 'Yes' : 'No',
    city: 'Sacramento',
    region: 'CA',
    qualified_regions: 'US',
    verified_zip: `958${two}`,
    keypresses: 'Appointments',
    keypress_1: 'Appointments',
    hangup_cause: 'Destination: Hang-up',
    call_result_description_detail: 'Paid',
    opt_in_SMS: 0,
    notes: `The caller asked for an appointment in week ${two}.`,
    advertiser_payin_localized: '12.00',
    affiliate_payout_localized: '3.50',
    margin_localized: '8.50',
    call_fee_localized: `0.${two}`,
    advertiser_call_fee_localized: `0.${two}`,
    matching_advertiser_payin_policies: 'base',
    matching_affiliate_payout_policies: 'base',
    payin_conditions: 'duration > 1 min and in_region',
    payout_conditions: 'duration > 1 min and in_region',
    revenue: `${20 + variant}.50`,
    dynamic_number_pool_id: 880_000 + variant,
    dynamic_number_pool_pool_type: 'SearchKeyword',
    dynamic_number_pool_referrer_search_engine: 'Google',
    dynamic_number_pool_referrer_search_keywords: `dentist near me ${two}`,
    dynamic_number_pool_referrer_ad_id: `ad-${two}`,
    ...numbered(3, (n) => [[`keypress_${n + 1}`, String(n)]]),
    ...numbered(10, (n) => [[`signal_${n}_value`, n]]),
    ...numbered(6, (n) => [[`trait_${n}_data_append`, `${n}-${two}`]]),
    custom_data: [
      entry('utm_source', 'Category', 'google'),
      entry('landing_page', 'Long Text', `https://acme-dental.example/new-patients/${two}`),
      entry('location.code', 'Category', `SPK-${two}`),
      entry('Appointment Booked', 'Signal', variant % 2 === 0),
    ],
  };
}

function eventTail(variant) {
  return {
    duration: null,
    connect_duration: null,
    ivr_duration: null,
    signal_partner_unique_id: `crm-${variant}`,
    signal_occurred_at: '1748904788',
    signal_source: 'Api',
    revenue: '1850.0',
    custom_data: [entry('Showed Up', 'Signal', true), entry('insurance.carrier', 'Category', `Carrier ${variant}`)],
  };
}

function entry(name, type, value) {
  return { name, data_type: type, source: 'DynamicAttribution', value };
}
