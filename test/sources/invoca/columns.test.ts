import { describe, expect, it } from 'vitest';
import { isStandardColumn } from '../../../src/sources/invoca/columns.js';

describe('isStandardColumn', () => {
  it.each([
    'transaction_id',
    'start_time_utc',
    'opt_in_SMS',
    'recording_download_url',
    'call_result_description_detail_managed_advertiser',
    'keypress_4',
    'signal_custom_parameter_3',
    'signal_10_value',
    'dynamic_number_pool_referrer_param1_name',
    'dynamic_number_pool_referrer_param25_value',
    'dynamic_number_pool_referrer_search_type',
    'address_full_street_data_append',
    'home_phone_number',
    'call_outcome_outcome_name',
  ])('recognises %s', (name) => {
    expect(isStandardColumn(name)).toBe(true);
  });

  it.each([
    'utm_medium',
    'Quote',
    'Quote.source',
    'signal_strength',
    'keypress_5',
    'signal_11_value',
    'dynamic_number_pool_referrer_param26_name',
    'Opt_In_Sms',
    '$odd.name_data_append',
    '_data_append',
    '__proto__',
    'constructor',
    'toString',
    '',
  ])('treats %j as a field of the account', (name) => {
    expect(isStandardColumn(name)).toBe(false);
  });
});
