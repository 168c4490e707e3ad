import { jsonAnswer, type Answer } from '../refusal.js';

export type CrediraErrorCode = 'INVALID_REQUEST' | 'UNAUTHORIZED' | 'NOT_FOUND' | 'RATE_LIMITED';

/** The statuses are not documented; these are the usual ones. */
const statuses: Readonly<Record<CrediraErrorCode, number>> = {
  INVALID_REQUEST: 400,
  UNAUTHORIZED: 401,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
};

/** A request that Credira's API does not serve. */
export class CrediraRefusal extends Error {
  override readonly name = 'CrediraRefusal';
  readonly code: CrediraErrorCode;

  constructor(message: string, code: CrediraErrorCode) {
    super(message);
    this.code = code;
  }
}

/** What stands in every answer beside the data. */
export interface CrediraMeta {
  readonly timestamp: string;
  readonly request_id: string;
}

/** An answer with the body of the documented shape; with another status than the usual one where one is given. */
export function crediraErrorAnswer(
  { code, message, status = statuses[code] }: { code: CrediraErrorCode; message: string; status?: number },
  meta: CrediraMeta,
): Answer {
  return jsonAnswer(status, { success: false, error: { code, message }, meta });
}
