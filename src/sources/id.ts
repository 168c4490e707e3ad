import { z } from 'zod';

/**
 * An id from a source: opaque text of 1 to 64 characters; a number becomes its text. Compared only for equality. Invoca
 * documents up to 32 characters, `0-9A-Z` and `-`; Credira shows `call_123456789`.
 */
const Id = z
  .union([z.string(), z.number()])
  .transform((id) => String(id).trim())
  .pipe(
    z
      .string()
      .min(1)
      .max(64)
      .regex(/^\P{C}+$/u),
  );

/** Matches ids as the sources write them, which need no further check. */
const PLAIN_ID = /^[0-9A-Za-z_-]{1,64}$/;

/** Returns the id as text; null if the value is not an id. */
export function usableId(value: unknown): string | null {
  if (typeof value === 'string' && PLAIN_ID.test(value)) return value;
  return Id.safeParse(value).data ?? null;
}
