import type { IncomingMessage } from 'node:http';
import { WebhookRefusal, unavailable } from './refusal.js';

export const MAX_BODY_BYTES = 1024 * 1024;
/** The most bytes of unfinished bodies in memory, of all requests together. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** Reads bodies, whose unfinished parts together have a limit. */
export class BodyReader {
  private heldBytes = 0;

  /**
   * Reads the body. It must not be begun to be read.
   * @throws WebhookRefusal if the body is too long, if there are too many others, or if the connection ends first
   */
  async read(request: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      await new Promise<void>((resolve, reject) => {
        const take = (chunk: Buffer): void => {
          bytes += chunk.length;
          this.heldBytes += chunk.length;
          chunks.push(chunk);
          const refusal = this.refusalFor(bytes);
          if (refusal === null) return;
          request.off('data', take).pause();
          reject(refusal);
        };
        request.on('data', take).once('end', resolve);
        request.once('close', () => reject(new WebhookRefusal(400, 'The connection ended within the body.')));
      });
      return Buffer.concat(chunks, bytes);
    } finally {
      this.heldBytes -= bytes;
    }
  }

  private refusalFor(bytes: number): WebhookRefusal | null {
    if (bytes > MAX_BODY_BYTES) return tooLong();
    return this.heldBytes > MAX_HELD_BYTES ? unavailable('Too many bodies are being read: send it again later.') : null;
  }
}

/** True if the request has a body, which may be empty if its length is not stated. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

export function tooLong(): WebhookRefusal {
  return new WebhookRefusal(413, 'The body is over 1 MiB.');
}
