import { describe, expect, it } from 'vitest';
import { createSampleInvoices, type SampleInvoices } from '../../src/sample/credira/credira-feed.js';
import { fieldsAt, type CrediraSampleCall } from '../../src/sample/credira/credira-invoice.js';

const endsAt = new Date('2025-06-09T20:00:00.500Z');
const sample = createSampleInvoices({ seed: 7, endsAt, trickle: { calls: 100, everyMs: 60_000 } });
const [start, later, muchLater] = [0, 3, 200].map((minutes) => new Date(endsAt.getTime() + minutes * 60_000));

function callsOf({ invoices }: SampleInvoices): CrediraSampleCall[] {
  return invoices.flatMap(({ calls }) => calls);
}

function statusesAt(now: Date | undefined): unknown[] {
  return callsOf(sample)
    .map((call) => fieldsAt(call, now ?? endsAt))
    .filter((fields) => fields !== null)
    .map((fields) => fields['status']);
}

describe('createSampleInvoices', () => {
  it('returns the same for the same options, and does not change the others when there are more', () => {
    const more = createSampleInvoices({ seed: 7, endsAt, invoices: 90 });
    const fewer = createSampleInvoices({ seed: 7, endsAt });

    expect(createSampleInvoices({ seed: 7, endsAt })).toEqual(fewer);
    expect(more.invoiceIds.slice(0, 60)).toEqual(fewer.invoiceIds);
    expect(more.invoices.slice(0, fewer.invoices.length)).toEqual(fewer.invoices);
    expect(createSampleInvoices({ seed: 8, endsAt }).invoiceIds).not.toEqual(fewer.invoiceIds);
  });

  it('uses no id twice', () => {
    const callIds = callsOf(sample).map(({ callId }) => callId);

    expect(new Set(callIds).size).toBe(callIds.length);
    expect(new Set(sample.invoiceIds).size).toBe(60);
  });

  it('has invoices without calls, and ids of invoices that the API does not know', () => {
    const known = new Set(sample.invoices.map(({ invoiceId }) => invoiceId));

    expect(createSampleInvoices({ seed: 7, endsAt }).invoices.filter(({ calls }) => calls.length === 0)).toHaveLength(
      5,
    );
    expect(sample.invoiceIds.filter((id) => !known.has(id))).toHaveLength(5);
  });

  it('completes the calls that are under way at the start within three minutes', () => {
    expect(statusesAt(start)).toContain('in_progress');
    expect(statusesAt(start)).toContain('completed');
    const underWay = callsOf(sample).filter(({ stages }) => {
      const [first] = stages;
      return first?.availableAt !== undefined && first.availableAt <= endsAt;
    });
    expect(underWay.map((call) => fieldsAt(call, later ?? endsAt)?.['status'])).not.toContain('in_progress');
  });

  it('continues with calls one by one', () => {
    expect(statusesAt(muchLater).length).toBe(statusesAt(start).length + 100);
  });

  it('has transcripts at once, later and never, on another host, and calls of an undocumented status', () => {
    const plans = callsOf(sample).flatMap(({ transcript }) => transcript ?? []);

    expect(new Set(plans.map(({ fate }) => fate))).toEqual(
      new Set(['ready', 'never', 'no-url', 'foreign-host', 'gone']),
    );
    expect(statusesAt(muchLater)).toContain('voicemail_left');
    const delaysMs = callsOf(sample).map(({ stages, transcript }) => {
      const endedAt = stages.at(-1)?.availableAt ?? endsAt;
      return (transcript?.readyAt ?? endedAt).getTime() - endedAt.getTime();
    });
    expect(Math.min(...delaysMs)).toBe(0);
    expect(Math.max(...delaysMs)).toBeGreaterThan(30_000);
    expect(Math.max(...delaysMs)).toBeLessThanOrEqual(60_000);
  });
});
