import type { SampleRow } from './call-row.js';

/** The same row as an API might send it whose documentation gives no types. */
export function withOddValues(row: SampleRow): SampleRow {
  return {
    ...row,
    duration: String(row['duration']),
    connect_duration: String(row['connect_duration']),
    start_time_utc: String(row['start_time_utc']),
    advertiser_payin_localized: '$12.00',
    revenue: '$1,234.50',
    opt_in_SMS: '0',
    city: null,
    region: '',
    notes: 'Très pressé 🦷\nwants "Dr. Núñez" only',
    // Columns nobody has documented yet.
    conversation_topics: ['billing', 'whitening'],
    'Chair Time': 45,
  };
}
