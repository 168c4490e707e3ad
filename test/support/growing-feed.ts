import { once } from 'node:events';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';

/**
 * Starts an API whose feed grows faster than it is read: each page has one row, of a call that started when the page
 * before was asked for. Returns its address; it stops when the test ends.
 */
export async function startGrowingFeed(): Promise<string> {
  let pages = 0;
  let askedAt = 0;
  const server = createServer((_request, response) => {
    pages += 1;
    const row = {
      transaction_id: `${String(pages).padStart(8, '0')}-0000`,
      complete_call_id: `CALL-${pages}`,
      transaction_type: 'Call',
      start_time_utc: askedAt,
      duration: 1,
    };
    askedAt = Date.now();
    response.setHeader('content-type', 'application/json').end(JSON.stringify([row]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return `http://127.0.0.1:${address.port}`;
}
