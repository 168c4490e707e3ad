import { FIELD_NAMES, type CallFields } from '../../src/domain/call.js';

type BlankFields = { readonly [Name in keyof CallFields]: null };

/** Every field that calls of all sources have, each null. A test overrides those that its call states. */
export const BLANK_FIELDS = Object.fromEntries(FIELD_NAMES.map((name) => [name, null])) as BlankFields;
