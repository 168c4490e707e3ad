import type { TranscriptAnswer } from '../../domain/transcripts/answers.js';
import type { TranscriptTurn } from '../../domain/transcripts/transcript.js';
import { openTranscriptBody } from '../transcripts/transcript-body.js';
import { readTranscriptJson, TURN_CAP } from '../transcripts/transcript-json.js';

/** `Agent: Hello`, and with a time before it, `[00:12] Agent: Hello`. */
const turnPattern =
  /^(?:[[(]?\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?[\])]?[ \t-]*)?(\p{L}[\p{L}\p{N} _.'’-]{0,39}):[ \t]*(.*)$/u;

/**
 * Reads a transcript of plain text, of which no example is documented. The text is kept as it is, but for its line
 * ends; turns are read where it begins with one, else there are none. JSON in its place is read as it is of other
 * sources. Never throws.
 */
export function readTranscriptText(body: Uint8Array): TranscriptAnswer {
  const opened = openTranscriptBody(body);
  switch (opened.kind) {
    case 'garbled':
    case 'too-large':
      return opened;
    case 'text':
      return readText(opened.text);
    case 'json':
      return readTranscriptJson(opened);
  }
}

function readText(received: string): TranscriptAnswer {
  if (received === '') return { kind: 'not-ready', reason: 'not-ready: no words in the answer' };
  const text = received.replace(/\r\n?/g, '\n');
  const turns = turnsOf(text);
  if (turns.length > TURN_CAP) return { kind: 'too-large', reason: `too-large: more than ${TURN_CAP} turns` };
  return { kind: 'ready', text, turns };
}

/** A line without a speaker goes on with the turn before it. */
function turnsOf(text: string): readonly TranscriptTurn[] {
  const turns: { speaker: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const [, speaker, words = ''] = turnPattern.exec(line.trim()) ?? [];
    const turn = turns.at(-1);
    if (speaker !== undefined) turns.push({ speaker: speaker.trim().toLowerCase(), lines: [words] });
    else if (turn === undefined) return [];
    else turn.lines.push(line.trim());
  }
  return turns.map(({ speaker, lines }) => ({ speaker, text: lines.join('\n').trim() }));
}
