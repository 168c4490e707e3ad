/** An answer of the fake API. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Reports a request that the API does not serve. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly errorClass: string;

  constructor(message: string, { status, errorClass }: { status: number; errorClass: string }) {
    super(message);
    this.status = status;
    this.errorClass = errorClass;
  }
}

/** Makes the refusal of wrong arguments, which the API answers with 403. */
export function invalidInput(message: string): Refusal {
  return new Refusal(message, { status: 403, errorClass: 'InvalidInput' });
}

/** Makes an answer with a body of the documented shape, `{"errors": {"class": "…", "invalid_data": "…"}}`. */
export function errorAnswer({ status, errorClass, message }: Refusal): Answer {
  return jsonAnswer(status, { errors: { class: errorClass, invalid_data: message } });
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}
