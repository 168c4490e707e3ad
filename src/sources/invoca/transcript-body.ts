import type { TranscriptAnswer } from '../../domain/transcripts/answers.js';
import { isPlainObject } from '../json/json.js';
import { openTranscriptBody } from '../transcripts/transcript-body.js';
import { readTranscriptJson } from '../transcripts/transcript-json.js';

/**
 * Reads the body of a 2xx answer in the conversation format, `[{"agent":"…"},{"caller":"…"},…]`. Never throws: the
 * shape is documented by an example only, so that others must be expected.
 */
export function readTranscriptBody(body: Uint8Array): TranscriptAnswer {
  const opened = openTranscriptBody(body);
  switch (opened.kind) {
    case 'garbled':
    case 'too-large':
      return opened;
    case 'text':
      if (opened.text === '') return { kind: 'garbled', reason: 'garbled: the answer is empty' };
      return { kind: 'unknown-shape', text: opened.text, isBlank: false };
    case 'json':
      return isNotFound(opened.value)
        ? { kind: 'not-ready', reason: 'not-ready: RecordNotFound' }
        : readTranscriptJson(opened);
  }
}

/** The documented body for a thing that is not there comes with 404; with 200 it means the same. */
function isNotFound(value: unknown): boolean {
  return isPlainObject(value) && isPlainObject(value['errors']) && value['errors']['class'] === 'RecordNotFound';
}
