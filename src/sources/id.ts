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

/** Returns the id as text; null if the value is not an id. */
export function usableId(value: unknown): string | null {
  return Id.safeParse(value).data ?? null;
}
