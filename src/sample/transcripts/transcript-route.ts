import { z } from 'zod';
import { readCallPath } from '../call-requests.js';
import type { SampleTurn } from './conversation.js';
import type { RecordedRequest } from '../faults.js';
import { errorAnswer, invalidInput, jsonAnswer, Refusal, type Answer } from '../refusal.js';
import type { NotYet, TranscriptPlan } from './transcript-plan.js';

interface TranscriptRouteOptions {
  /** Plans by call id. */
  readonly plans: ReadonlyMap<string, TranscriptPlan>;
  readonly now: () => Date;
  /** Called for each transcript that is sent. */
  readonly delivered: (callId: string) => void;
}

const formats = ['caller_agent_conversation', 'caller_agent_block', 'agent', 'caller'] as const;

type Format = (typeof formats)[number];

/** Parameters of a request: no other is allowed, and this one is required. */
const Parameters = z.strictObject({ transcript_format: z.enum(formats) });

/** Turns of more than 4 MiB, as if nobody had hung up. */
const holdMusic = Array.from({ length: 50_000 }, () => ({
  agent: 'All our front desks are busy. Please stay on the line, and somebody will be with you soon.',
}));

const defaultTurns: readonly SampleTurn[] = [{ agent: 'Which color?' }, { caller: 'Orange.' }];

/** `GET /call/transcript/<call id>?transcript_format=…` */
export function createTranscriptRoute({ plans, now, delivered }: TranscriptRouteOptions) {
  return ({ path, query }: RecordedRequest): Answer | null => {
    const call = readCallPath(path);
    if (call?.endpoint !== 'transcript') return null;
    const parameters = Parameters.safeParse(query);
    if (!parameters.success) throw invalidInput(z.prettifyError(parameters.error));
    const plan = plans.get(call.callId);
    if (plan === undefined) return notThere(call.callId, '404');
    const { answer, isTranscript } = answerOf(plan, { now: now(), format: parameters.data.transcript_format });
    if (isTranscript) delivered(call.callId);
    return answer;
  };
}

function answerOf(
  plan: TranscriptPlan,
  { now, format }: { now: Date; format: Format },
): { answer: Answer; isTranscript: boolean } {
  const without = (answer: Answer) => ({ answer, isTranscript: false });
  const { callId, fate = 'ready', readyAt, notYet = '404', turns = defaultTurns } = plan;
  if (readyAt !== undefined && now < readyAt) return without(notThere(callId, notYet));
  switch (fate) {
    case 'ready':
      return { answer: jsonAnswer(200, inFormat(turns, format)), isTranscript: true };
    case 'too-large':
      return { answer: jsonAnswer(200, inFormat([...turns, ...holdMusic], format)), isTranscript: true };
    case 'unknown-shape':
      return without(jsonAnswer(200, { call_record_id: callId, transcript: { state: 'in_review', segments: [] } }));
    case 'forbidden':
      return without(refuse({ status: 403, errorClass: 'UnauthorizedOperation', callId }));
    case 'gone':
      return without(refuse({ status: 410, errorClass: 'RecordDeleted', callId }));
    case 'none':
    case 'too-short':
    case 'silent':
      return without(notThere(callId, notYet));
  }
}

function notThere(callId: string, notYet: NotYet): Answer {
  const refusal = refuse({ status: 404, errorClass: 'RecordNotFound', callId });
  switch (notYet) {
    case '404':
      return refusal;
    case 'error-with-200':
      return { ...refusal, status: 200 };
    case 'empty-list':
      return jsonAnswer(200, []);
    case '204':
      return { status: 204, body: '' };
  }
}

function refuse({ status, errorClass, callId }: { status: number; errorClass: string; callId: string }): Answer {
  return errorAnswer(new Refusal(callId, { status, errorClass }));
}

function inFormat(turns: readonly SampleTurn[], format: Format): readonly SampleTurn[] {
  if (format === 'caller_agent_conversation') return turns;
  const speakers = format === 'caller_agent_block' ? ['agent', 'caller'] : [format];
  return speakers.map((speaker) => ({ [speaker]: wordsOf(speaker, turns) }));
}

function wordsOf(speaker: string, turns: readonly SampleTurn[]): string {
  return turns.flatMap((turn) => turn[speaker] ?? []).join(' ');
}
