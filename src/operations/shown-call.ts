import { type CrediraStep, crediraStoryOf } from '../domain/credira/credira-story.js';
import { secondText } from '../domain/shown-times.js';
import { type Step, storyOf } from '../domain/invoca/story.js';
import type { AnyStoredCall, StoredCall, StoredCrediraCall } from '../store/calls/call-document.js';
import type { Store } from '../store/store.js';

/** @throws an error with the time of the erasure if an erased call has this id; `account` null stands for all */
export async function refuseErased({
  erasures,
  ...call
}: {
  erasures: Pick<Store['erasures'], 'findStub'>;
  account: string | null;
  callId: string;
}): Promise<void> {
  const stub = await erasures.findStub(call);
  if (stub === null) return;
  throw new Error(
    `cannot read the call ${call.callId} of the account ${stub.account}: it was erased after a privacy request, on ` +
      secondText(stub.erasedAt),
  );
}

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
