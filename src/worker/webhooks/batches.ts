import type { NudgedIds } from '../../domain/nudges/nudged-ids.js';
import type { Nudge } from '../../temporal/runs/nudges.js';
import { unavailable } from './refusal.js';

/** Time in which webhooks share a signal. */
const WINDOW_MS = 50;
/** The number of ids after which a signal is sent at once. It may have one webhook more. */
const FULL_BATCH = 500;
/** The most webhooks that wait for their signal, of all accounts together. */
const MAX_WAITING = 1_000;

/** Ids of webhooks that share a signal. */
interface Batch {
  readonly callIds: Set<string>;
  readonly transactionIds: Set<string>;
  readonly timer: NodeJS.Timeout;
  /** Resolves when the signal is sent, and rejects if it cannot be. */
  readonly sent: Promise<void>;
  readonly send: () => void;
}

/** Collects the ids of webhooks into signals, one series for each account. */
export class Batches {
  private readonly open = new Map<string, Batch>();
  private readonly inFlight = new Set<Promise<void>>();
  private waiting = 0;
  private windowMs = WINDOW_MS;

  constructor(private readonly sendNudge: (nudge: Nudge) => Promise<void>) {}

  /** Adds ids and resolves once they are sent. @throws WebhookRefusal if too many wait; a failure of the signal */
  async add({ account, ids }: Nudge): Promise<void> {
    if (this.waiting >= MAX_WAITING) throw unavailable('Too many webhooks wait for Temporal: send it again later.');
    this.waiting += 1;
    try {
      await this.addTo(this.open.get(account) ?? this.begin(account), ids);
    } finally {
      this.waiting -= 1;
    }
  }

  /** Sends what is collected, and from now on sends everything at once. */
  flush(): void {
    this.windowMs = 0;
    for (const batch of this.open.values()) batch.send();
  }

  /** Resolves when no signal is on its way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.inFlight);
  }

  private addTo(batch: Batch, ids: NudgedIds): Promise<void> {
    for (const id of ids.callIds) batch.callIds.add(id);
    for (const id of ids.transactionIds) batch.transactionIds.add(id);
    if (batch.callIds.size + batch.transactionIds.size >= FULL_BATCH) batch.send();
    return batch.sent;
  }

  private begin(account: string): Batch {
    const callIds = new Set<string>();
    const transactionIds = new Set<string>();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sent = released.then(() =>
      this.sendNudge({ account, ids: { callIds: [...callIds], transactionIds: [...transactionIds] } }),
    );
    const send = (): void => {
      clearTimeout(batch.timer);
      if (this.open.get(account) === batch) this.open.delete(account);
      release();
    };
    const batch: Batch = { callIds, transactionIds, timer: setTimeout(() => send(), this.windowMs), sent, send };
    this.open.set(account, batch);
    this.inFlight.add(sent);
    void sent.catch(() => undefined).finally(() => this.inFlight.delete(sent));
    return batch;
  }
}
