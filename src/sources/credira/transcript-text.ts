import { UNKNOWN_SHAPE } from '../../domain/transcript.js';
import type { TranscriptTurn } from '../../domain/transcript.js';
import type { TranscriptAnswer } from '../transcript-source.js';

/** Every turn costs some 45 bytes of a document besides its text: this many leave room in one for everything else. */
const turnCap = 100_000;

/** `Agent: Hello`, and with a time before it, `[00:12] Agent: Hello`. */
const turnPattern =
  /^(?:[[(]?\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?[\])]?[ \t-]*)?(\p{L}[\p{L}\p{N} _.'’-]{0,39}):[ \t]*(.*)$/u;

/**
 * Reads a transcript of plain text, of which no example is documented. The text is kept as it is, but for its line ends;
 * turns are read where it begins with one, else there are none. Never throws.
 */
export function readTranscriptText(body: Uint8Array): TranscriptAnswer {
  const decoded = decode(body);
  if (decoded.includes('\0')) return unknownShape('the answer is not text');
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(decoded)) {
    return { kind: 'garbled', reason: `${UNKNOWN_SHAPE}: the answer is a web page` };
  }
  const text = decoded.replace(/\r\n?/g, '\n').trim();
  if (text === '') return { kind: 'not-ready', reason: 'not-ready: no words in the answer' };
  const turns = turnsOf(text);
  if (turns.length > turnCap) return { kind: 'too-large', reason: `too-large: more than ${turnCap} turns` };
  return { kind: 'ready', text, turns };
}

/** UTF-8 or, with a byte order mark, UTF-16; what is neither is read as the old encoding of Western languages. */
function decode(body: Uint8Array): string {
  const [first, second] = body;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(body);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(body);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return new TextDecoder('windows-1252').decode(body);
  }
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

function unknownShape(explanation: string): TranscriptAnswer {
  return { kind: 'unknown-shape', reason: `${UNKNOWN_SHAPE}: ${explanation}` };
}
