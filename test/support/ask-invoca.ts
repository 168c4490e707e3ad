import got from 'got';
import { expect } from 'vitest';
import type { FakeInvoca } from '../../src/sample/fake-invoca.js';

export type Row = Record<string, unknown>;

interface Ask {
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly method?: 'GET' | 'POST';
}

/** Sends a request to the fake API with a plain HTTP client, and parses the answer as JSON. */
export async function ask(
  invoca: FakeInvoca,
  { path, query = '', headers, method = 'GET' }: Ask = {},
): Promise<{ status: number; body: unknown }> {
  const where = path ?? `/api/2020-10-01/networks/transactions/${invoca.networkId}.json`;
  const { statusCode, body } = await got(`${invoca.baseUrl}${where}?${query}`, {
    method,
    headers: headers ?? { authorization: invoca.token },
    throwHttpErrors: false,
    retry: { limit: 0 },
  });
  return { status: statusCode, body: JSON.parse(body) as unknown };
}

export async function rowsOf(invoca: FakeInvoca, query = ''): Promise<Row[]> {
  const { status, body } = await ask(invoca, { query });
  expect(status).toBe(200);
  return body as Row[];
}

export async function idsOf(invoca: FakeInvoca, query = ''): Promise<unknown[]> {
  return (await rowsOf(invoca, query)).map((row) => row['transaction_id']);
}

export function at(text: string): Date {
  return new Date(text);
}

export function call(id: string, more: Row = {}): Row {
  return { transaction_id: id, complete_call_id: `C-${id}`, transaction_type: 'Call', ...more };
}
