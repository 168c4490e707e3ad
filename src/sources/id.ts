import { z } from 'zod';

/**
 * An id of a source: opaque text of up to 64 characters, and a number as its text. Compared for equality only. Invoca
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

/** The id as text; null where it is none. */
export function usableId(value: unknown): string | null {
  return Id.safeParse(value).data ?? null;
}
