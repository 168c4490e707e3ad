import {
  billingAgents,
  billingDayparts,
  billingDays,
  billingFarewell,
  billingGreetings,
  billingTalks,
  type BillingTalk,
} from './credira-lines.js';
import type { CrediraSampleCall, CrediraTranscriptFate } from './credira-invoice.js';
import type { Random } from '../random.js';
import { secondsAfter } from '../feed/story.js';

/**
 * Course of a call:
 *
 * - `over`: it is completed when it is first listed
 * - `under-way`: it is listed while it is in progress, and completed a little later
 * - `failed`: it ends with an undocumented status
 */
export type CrediraCourse = 'over' | 'under-way' | 'failed';

interface CallToWrite {
  readonly invoiceId: string;
  readonly startedAt: Date;
  readonly course: CrediraCourse;
  readonly fate: CrediraTranscriptFate;
  readonly random: Random;
}

const voiceAgents = ['agent_100200301', 'agent_100200302'] as const;

/** Writes a call of the invented company's billing agent, with its stages and transcript. */
export function writeCrediraCall({ invoiceId, startedAt, course, fate, random }: CallToWrite): CrediraSampleCall {
  const durationSeconds = random.int(35, 150);
  const endedAt = secondsAfter(startedAt, durationSeconds);
  const talk = random.pick(billingTalks);
  const initiated = {
    status: 'initiated',
    duration: 0,
    from: '+17755550110',
    to: `+1775555${String(random.int(100, 199)).padStart(4, '0')}`,
    voice_agent_id: random.pick(voiceAgents),
    timezone: 'America/Los_Angeles',
    account_id: 'acc_555000111',
    created_time: isoSeconds(secondsAfter(startedAt, -5)),
    call_type: 'outbound',
    metadata: { campaign: 'spring reminders', 'crm.id': `crm-${random.int(1_000, 9_999)}` },
  };
  const start = { updated_time: isoSeconds(startedAt), start_time: isoSeconds(startedAt) };
  const ended = { duration: durationSeconds, updated_time: isoSeconds(endedAt), end_time: isoSeconds(endedAt) };
  const last =
    course === 'failed'
      ? { status: 'voicemail_left', ...ended }
      : { status: 'completed', ...ended, ...assessment(talk, random) };
  return {
    callId: `call_${random.int(100_000_000, 999_999_999)}`,
    stages: [
      { availableAt: course === 'under-way' ? secondsAfter(startedAt, -5) : endedAt, fields: initiated },
      { availableAt: course === 'under-way' ? startedAt : endedAt, fields: { status: 'in_progress', ...start } },
      { availableAt: endedAt, fields: last },
    ],
    transcript: { fate, readyAt: readyAtOf(endedAt, random), text: transcriptOf({ talk, invoiceId, random }) },
  };
}

/** Picks the instant of the transcript: the end of the call or up to a minute later. */
function readyAtOf(endedAt: Date, random: Random): Date {
  return random.chance(0.5) ? endedAt : secondsAfter(endedAt, random.int(10, 60));
}

function assessment({ tag, summary, keywords, mood }: BillingTalk, random: Random) {
  return {
    confidence_score: random.int(70, 99) / 100,
    cost: random.int(5, 60) / 100,
    currency: 'USD',
    quality_score: random.int(60, 100) / 100,
    sentiment_score: random.int(...mood) / 100,
    keywords,
    summary: summary.replace('{day}', 'the agreed day'),
    tags: [tag],
  };
}

function transcriptOf({ talk, invoiceId, random }: { talk: BillingTalk; invoiceId: string; random: Random }): string {
  const slots: Readonly<Record<string, string>> = {
    agent: random.pick(billingAgents),
    day: random.pick(billingDays),
    daypart: random.pick(billingDayparts),
    invoice: invoiceId,
  };
  const lines = [
    `Agent: ${random.pick(billingGreetings)}`,
    'Customer: Yes, go ahead.',
    ...talk.exchanges.flatMap(([agent, customer]) => [`Agent: ${agent}`, `Customer: ${customer}`]),
    `Agent: ${billingFarewell}`,
  ];
  return `${lines.join('\n').replace(/\{(\w+)\}/g, (_whole, name: string) => slots[name] ?? name)}\n`;
}

/** Writes an instant as the API does: `2024-01-15T10:30:00Z`. */
function isoSeconds(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}
