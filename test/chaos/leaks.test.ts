import { describe, expect, it } from 'vitest';
import { createSampleInvoices } from '../../src/sample/credira/credira-feed.js';
import { createSampleFeed } from '../../src/sample/feed/feed.js';
import { leaksIn, secretsOf, textIn } from './leaks.js';

describe('textIn', () => {
  it('includes the payloads of a history, which are bytes', () => {
    const payload = { data: new TextEncoder().encode('{"account":"invoca"}') };
    expect(textIn({ events: [{ eventId: 7, input: { payloads: [payload] }, name: 'drain' }] })).toContain(
      '{"account":"invoca"}',
    );
  });
});

describe('leaksIn', () => {
  const feed = createSampleFeed({ seed: 3, endsAt: new Date('2025-06-09T00:00:00Z'), calls: 20 });
  const sample = createSampleInvoices({ seed: 3, endsAt: new Date('2025-06-09T00:00:00Z'), invoices: 12 });
  const secrets = secretsOf({ feed, sample, tokens: ['the-token', 'the-key'] });

  it('is given secrets of every kind', () => {
    expect(new Set(secrets.map(({ kind }) => kind))).toEqual(
      new Set(['token', 'phone number', 'transcript', 'URL query']),
    );
  });

  it('finds each secret, and names the text that contains it', () => {
    for (const { kind, text } of secrets) {
      const exposed = [{ where: 'the log', text: `before ${text} after` }];
      expect(leaksIn({ exposed, secrets })).toContain(`${kind} in the log`);
    }
    expect(leaksIn({ exposed: [{ where: 'the log', text: 'page 1 of drain/invoca' }], secrets })).toEqual([]);
  });
});
