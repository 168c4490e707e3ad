import { type CrediraStep, crediraStoryOf } from '../domain/credira/credira-story.js';
import { type Step, storyOf } from '../domain/invoca/story.js';
import type { AnyStoredCall, StoredCall, StoredCrediraCall } from '../store/calls/call-document.js';

/** A call and its story, in the form that its source allows. */
export type ShownCall = ShownInvocaCall | ShownCrediraCall;

export interface ShownInvocaCall {
  readonly source: 'invoca';
  readonly call: StoredCall;
  readonly story: readonly Step[];
}

export interface ShownCrediraCall {
  readonly source: 'credira';
  readonly call: StoredCrediraCall;
  readonly story: readonly CrediraStep[];
}

export function shownCall(call: AnyStoredCall): ShownCall {
  switch (call.source) {
    case 'invoca':
      return { source: 'invoca', call, story: storyOf(call.transactions) };
    case 'credira':
      return { source: 'credira', call, story: crediraStoryOf(call) };
  }
}
