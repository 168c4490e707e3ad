/** Column with a URL that is signed again on each read, so it is neither stored nor compared. */
export const volatileColumn = 'recording_download_url';

/** Column with the nested Marketing Data and Signals of a row. */
export const customDataColumn = 'custom_data';

const identityColumns = [
  'transaction_id',
  'corrects_transaction_id',
  'corrected_at',
  'transaction_type',
  'complete_call_id',
  'original_order_id',
  'syndicated_ident',
  'call_center_call_id',
  'bundled_destination_ids',
  'bundled_destination_ids_from_network',
];

const partyColumns = [
  'advertiser_id',
  'advertiser_id_from_network',
  'advertiser_name',
  'advertiser_campaign_id',
  'advertiser_campaign_id_from_network',
  'advertiser_campaign_name',
  'advertiser_campaign_country',
  'affiliate_id',
  'affiliate_id_from_network',
  'affiliate_name',
  'affiliate_commissions_ranking',
  'affiliate_call_volume_ranking',
  'affiliate_conversion_rate_ranking',
  'affiliate_campaign_id_from_network',
  'promo_line_description',
  'advertiser_promo_line_description',
  'virtual_line_id',
  'media_type',
  'call_source_description',
  'transfer_from_type',
  'external_data',
];

const callColumns = [
  'start_time_utc',
  'start_time_local',
  'start_time_xml',
  'start_time_network_timezone',
  'start_time_network_timezone_xml',
  'start_time_destination',
  'during_hours',
  'duration',
  'connect_duration',
  'ivr_duration',
  'calling_phone_number',
  'destination_phone_number',
  'mobile',
  'repeat_calling_phone_number',
  'city',
  'region',
  'qualified_regions',
  'verified_zip',
  'keypresses',
  ...numbered(4, (n) => [`keypress_${n}`]),
  'hangup_cause',
  'call_result_description_detail',
  'call_result_description_detail_managed_advertiser',
  'opt_in_SMS',
  'notes',
  'recording',
  volatileColumn,
  'real_time_response',
];

const moneyColumns = [
  'advertiser_payin_localized',
  'affiliate_payout_localized',
  'margin_localized',
  'call_fee_localized',
  'advertiser_call_fee_localized',
  'matching_advertiser_payin_policies',
  'matching_affiliate_payout_policies',
  'payin_conditions',
  'payout_conditions',
  'revenue',
  'sale_amount',
];

const signalColumns = [
  'signal_name',
  'signal_partner_unique_id',
  'signal_occurred_at',
  'signal_source',
  'signal_value',
  'signal_description',
  ...numbered(3, (n) => [`signal_custom_parameter_${n}`]),
  ...numbered(10, (n) => [`signal_${n}_value`]),
  // Names of the Signal columns before 2016.
  'call_outcome_outcome_name',
  'call_outcome_partner_unique_id',
  'call_outcome_occurred_at',
  'call_outcome_source',
  'call_outcome_value',
  'call_outcome_description',
  ...numbered(3, (n) => [`call_outcome_custom_parameter_${n}`]),
];

const conversionColumns = [
  'reason_code',
  'email_address',
  'name',
  'address1',
  'address2',
  'order_city',
  'state_or_province',
  'zip_code',
  'country',
  'home_phone_number',
  'cell_phone_number',
  'sku_list',
  'quantity_list',
];

const ringPoolColumns = [
  'dynamic_number_pool_id',
  'dynamic_number_pool_pool_type',
  'dynamic_number_pool_referrer_search_engine',
  'dynamic_number_pool_referrer_search_keywords',
  'dynamic_number_pool_referrer_search_keywords_id',
  'dynamic_number_pool_referrer_search_type',
  'dynamic_number_pool_referrer_ad',
  'dynamic_number_pool_referrer_ad_id',
  'dynamic_number_pool_referrer_ad_group',
  'dynamic_number_pool_referrer_ad_group_id',
  'dynamic_number_pool_referrer_referrer_campaign',
  'dynamic_number_pool_referrer_referrer_campaign_id',
  'dynamic_number_pool_referrer_keyword_match_type',
  ...numbered(10, (n) => [`dynamic_number_pool_referrer_param${n}`]),
  ...numbered(25, (n) => [
    `dynamic_number_pool_referrer_param${n}_name`,
    `dynamic_number_pool_referrer_param${n}_value`,
  ]),
];

const standardColumns: ReadonlySet<string> = new Set([
  ...identityColumns,
  ...partyColumns,
  ...callColumns,
  ...moneyColumns,
  ...signalColumns,
  ...conversionColumns,
  ...ringPoolColumns,
]);

/** Matches the columns of the caller profile: some 25, depending on the version. */
const callerProfilePattern = /^[A-Za-z0-9_]{1,80}_data_append$/;

/**
 * True if a column is one of Invoca's own, in any scope and version since 2015, according to the field tables of
 * https://developers.invoca.net/en/2022-08-01/api_documentation/transactions_api/network_user.html and the pages of the
 * other scopes. Any other column is a Marketing Data field or a Signal of the account. A field of the account with the
 * name of a standard column replaces that column in the API, and is treated as the column here.
 */
export function isStandardColumn(name: string): boolean {
  return standardColumns.has(name) || callerProfilePattern.test(name);
}

function numbered(count: number, namesOf: (n: number) => readonly string[]): string[] {
  return Array.from({ length: count }, (_unused, index) => namesOf(index + 1)).flat();
}

/** Columns that an operator excludes, whether standard, custom or nested: neither requested nor stored. */
export interface ExcludedColumns {
  readonly names: readonly string[];
  /**
   * True for an excluded name in upper or lower case, and for `Quote.source` if `Quote` is excluded: no spelling may
   * let in what is excluded for privacy.
   */
  has(name: string): boolean;
}

export function createExcludedColumns(names: readonly string[]): ExcludedColumns {
  const lowerCased = new Set(names.map((name) => name.toLowerCase()));
  return {
    names,
    has(name) {
      if (lowerCased.size === 0) return false;
      const wanted = name.toLowerCase();
      return lowerCased.has(wanted) || lowerCased.has(wanted.replace(/\.source$/, ''));
    },
  };
}
