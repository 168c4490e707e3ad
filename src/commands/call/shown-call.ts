import { type CrediraStep, crediraStoryOf } from '../../domain/credira/credira-story.js';
import { type Step, storyOf } from '../../domain/invoca/story.js';
import type { AnyStoredCall, StoredCall, StoredCrediraCall } from '../../store/calls/call-document.js';
import { callText } from './call-text.js';
import { crediraCallText } from './credira-text.js';

/** A call and its story, told as its source lets it be told. */
export type ShownCall =
  | { readonly source: 'invoca'; readonly call: StoredCall; readonly story: readonly Step[] }
  | { readonly source: 'credira'; readonly call: StoredCrediraCall; readonly story: readonly CrediraStep[] };

export function shownCall(call: AnyStoredCall): ShownCall {
  switch (call.source) {
    case 'invoca':
      return { source: 'invoca', call, story: storyOf(call.transactions) };
    case 'credira':
      return { source: 'credira', call, story: crediraStoryOf(call) };
  }
}

/** For a person to read. */
export function shownCallText(shown: ShownCall): string {
  switch (shown.source) {
    case 'invoca':
      return callText(shown);
    case 'credira':
      return crediraCallText(shown);
  }
}
