import { describe, expect, it } from 'vitest';
import type { FeedRow } from '../../src/sample/feed/feed-row.js';
import { ask, at, call, rowsOf, type Row } from '../support/ask-invoca.js';
import { startInvoca } from '../support/fake-invoca.js';

describe('columns', () => {
  const rows = [
    call('A', {
      city: 'Reno',
      call_result_description_detail: 'Paid',
      margin_localized: '12.00',
      recording: 'https://x/1',
      custom_data: [
        { name: 'Quote', data_type: 'Signal', source: 'AI', value: true },
        { partner_name: 'utm_medium', data_type: 'Category', source: 'Default', value: 'Search' },
      ],
    }),
    call('B', { custom_data: [{ name: 'Quote', data_type: 'Signal', source: 'Ivr', value: false }] }),
  ];

  it('contain nested custom data only if requested', async () => {
    const invoca = await startInvoca({ rows });

    const [without] = await rowsOf(invoca);
    const [nested] = await rowsOf(invoca, 'include_columns=$invoca_default_columns,custom_data');

    expect(without).toMatchObject({ city: 'Reno', transaction_id: 'A' });
    expect(without).not.toHaveProperty('custom_data');
    expect(nested).toMatchObject({ city: 'Reno', custom_data: rows[0]?.['custom_data'] });
  });

  it('contain every field of the account in the flat form, with its source', async () => {
    const invoca = await startInvoca({ rows });

    const flat = await rowsOf(
      invoca,
      'include_columns=transaction_id,$invoca_custom_columns,$invoca_custom_source_columns',
    );

    expect(flat).toEqual([
      { transaction_id: 'A', Quote: 1, 'Quote.source': 'AI', utm_medium: 'Search', 'utm_medium.source': 'Default' },
      { transaction_id: 'B', Quote: 0, 'Quote.source': 'Ivr', utm_medium: null, 'utm_medium.source': null },
    ]);
  });

  it('can be named one by one', async () => {
    const invoca = await startInvoca({ rows });

    await expect(rowsOf(invoca, 'include_columns=city,Quote,utm_medium.source&limit=1')).resolves.toEqual([
      { city: 'Reno', Quote: 1, 'utm_medium.source': 'Default' },
    ]);
  });

  it('can be left out, single or as a group', async () => {
    const invoca = await startInvoca({ rows });
    const include = 'include_columns=$invoca_default_columns,$invoca_custom_columns';

    const [row] = await rowsOf(invoca, `${include}&exclude_columns=city,Quote`);
    const [custom] = await rowsOf(invoca, `${include}&exclude_columns=$invoca_default_columns`);

    expect(row).toMatchObject({ transaction_id: 'A', utm_medium: 'Search' });
    expect(row).not.toHaveProperty('city');
    expect(row).not.toHaveProperty('Quote');
    expect(custom).toEqual({ Quote: 1, utm_medium: 'Search' });
  });

  it('sign the URL of the recording again on each read', async () => {
    const invoca = await startInvoca({ rows });

    const [first, without] = await rowsOf(invoca);
    const [second] = await rowsOf(invoca);

    expect(first?.['recording_download_url']).toMatch(/^https:/);
    expect(second?.['recording_download_url']).not.toBe(first?.['recording_download_url']);
    expect(without).not.toHaveProperty('recording_download_url');
  });

  it('differ by scope', async () => {
    const invoca = await startInvoca({ rows });
    const of = async (scope: string, id: string) =>
      (await ask(invoca, { path: `/api/2020-10-01/${scope}/transactions/${id}.json` })).body as Row[];

    const [advertiser] = await of('advertisers', invoca.advertiserId);
    const [affiliate] = await of('affiliates', invoca.affiliateId);

    expect(advertiser).toMatchObject({ call_result_description_detail_managed_advertiser: 'Paid' });
    expect(advertiser).not.toHaveProperty('call_result_description_detail');
    expect(affiliate).toMatchObject({ call_result_description_detail: 'Paid' });
    expect(affiliate).not.toHaveProperty('margin_localized');
  });
});

describe('a row that was corrected', () => {
  const durations = { duration: 60, connect_duration: 50, ivr_duration: 10 };
  const cleared = (value: 0 | null) => ({ duration: value, connect_duration: value, ivr_duration: value });
  const rows: FeedRow[] = [
    { row: call('A', durations), availableAt: at('2025-06-02T18:00:00Z'), clearedTo: 0 },
    { row: call('B', { ...durations, corrects_transaction_id: 'A' }), availableAt: at('2025-06-02T18:10:00Z') },
    { row: call('C', { ...durations, corrects_transaction_id: 'A' }), availableAt: at('2025-06-02T18:20:00Z') },
    { row: call('D', { ...durations, corrects_transaction_id: 'C' }), availableAt: at('2025-06-02T18:30:00Z') },
    { row: call('E', { city: 'Reno' }), availableAt: at('2025-06-02T18:30:00Z') },
    { row: call('F', { corrects_transaction_id: 'E' }), availableAt: at('2025-06-02T18:31:00Z') },
  ];

  it.each([
    ['18:00', [durations]],
    ['18:10', [cleared(0), durations]],
    ['18:20', [cleared(0), cleared(null), durations]],
    ['18:30', [cleared(0), cleared(null), cleared(null), durations]],
  ])('has its durations cleared in place, as seen at %s', async (time, expected) => {
    const invoca = await startInvoca({ feed: { rows }, now: () => at(`2025-06-02T${time}:00Z`) });

    expect(await rowsOf(invoca, 'limit=4')).toMatchObject(expected);
  });

  it('gets no durations that it never had', async () => {
    const invoca = await startInvoca({ feed: { rows } });

    const [row] = await rowsOf(invoca, 'transaction_id=E');

    expect(row).toEqual({ ...call('E'), city: 'Reno' });
  });

  it('may correct itself or a row that is not there', async () => {
    const loop = [
      call('A', { duration: 1, corrects_transaction_id: 'B' }),
      call('B', { duration: 2, corrects_transaction_id: 'A' }),
      call('C', { duration: 3, corrects_transaction_id: 'gone' }),
    ];
    const invoca = await startInvoca({ rows: loop });

    await expect(rowsOf(invoca)).resolves.toHaveLength(3);
  });
});
