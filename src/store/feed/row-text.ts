import { decomposeCustomData } from '../../domain/invoca/custom-data.js';
import type { Transaction } from '../../domain/invoca/transaction.js';

/**
 * A row as JSON text in the form the source sends rows in, so that it can be read again like any reject. The instant of
 * the request is no part of it: the same row read again gives the same text.
 */
export function rowTextOf({ columns, customData }: Transaction): string {
  const { nested, flat } = decomposeCustomData(customData);
  return JSON.stringify({
    ...columns,
    ...Object.fromEntries(flat),
    custom_data: nested.map(({ name, dataType, source, value }) => ({ name, data_type: dataType, source, value })),
  });
}
