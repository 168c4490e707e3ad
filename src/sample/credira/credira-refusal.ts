import { jsonAnswer, type Answer } from '../refusal.js';

export type CrediraErrorCode = 'INVALID_REQUEST' | 'UNAUTHORIZED' | 'NOT_FOUND' | 'RATE_LIMITED';

/** Usual statuses of the codes; the real ones are not documented. */
const statuses: Readonly<Record<CrediraErrorCode, number>> = {
  INVALID_REQUEST: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
};

/** Reports a request that Credira's API does not serve. */
export class CrediraRefusal extends Error {
  override readonly name = 'CrediraRefusal';
  readonly code: CrediraErrorCode;

  constructor(message: string, code: CrediraErrorCode) {
    super(message);
    this.code = code;
  }
}

/** Metadata that every answer has next to its data. */
export interface CrediraMeta {
  readonly timestamp: string;
  readonly request_id: string;
}

/** Makes an answer with a body of the documented shape, and the usual status of the code unless another is given. */
export function crediraErrorAnswer(
  { code, message, status = statuses[code] }: { code: CrediraErrorCode; message: string; status?: number },
  meta: CrediraMeta,
): Answer {
  return jsonAnswer(status, { success: false, error: { code, message }, meta });
}
