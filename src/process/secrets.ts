/**
 * The secrets that this process uses, and the functions that take them out of texts. Code that reads a secret registers
 * it here. All output, log lines and failures in workflow history pass through `withoutSecrets`, because a library may
 * quote a value that it was given.
 */

const HIDDEN = '[redacted]';

/** A shorter text occurs inside ordinary words. It is hidden only as a password in a URL. */
const SHORTEST_SECRET = 6;

/** The shortest line of a PEM key that is hidden by itself. */
const SHORTEST_KEY_LINE = 16;

/** Words that are hidden only as a URL password: hiding them everywhere would make all output unreadable. */
const ORDINARY_WORDS = new Set([
  ...['callweave', 'invoca', 'credira', 'mongodb', 'temporal', 'localhost', 'default', 'majority', 'redacted'],
  ...['password', 'passwd', 'secret', 'token', 'apikey', 'api_key', 'string', 'number', 'object', 'undefined'],
]);

const SECRET_QUERY_NAME = /pass|token|secret|key(?!file$)|credential|properties|signature/i;

/** The registered secrets, in each of their forms. */
const known = new Set<string>();
let pattern: RegExp | null = null;

/** Registers a secret: it is hidden from now on, also percent-encoded, in base64 or as a string literal. */
export function knowSecret(text: string): void {
  const trimmed = text.trim();
  const lines = trimmed.split(/[\r\n]+/).map((line) => line.trim());
  const keyLines = lines.filter((line) => line.length >= SHORTEST_KEY_LINE && !line.startsWith('-----'));
  for (const part of [text, trimmed, ...(lines.length > 1 ? keyLines : [])]) {
    if (!isOrdinary(part)) formsOf(part).forEach(know);
  }
}

/**
 * Registers the secrets of a URL: its password, and query values with names like those of secrets. A text that is no
 * URL is a secret as a whole.
 */
export function knowUrlSecrets(text: string): void {
  const { rest } = /^[a-z][a-z0-9+.-]*:\/\/(?<rest>[^]*)$/i.exec(text.trim())?.groups ?? {};
  if (rest === undefined) {
    knowSecret(text);
    return;
  }
  const beforeQuery = rest.split('?', 1)[0] ?? '';
  // The last @: a password may contain others, though they should have been encoded.
  const end = beforeQuery.includes('@') ? beforeQuery.lastIndexOf('@') : rest.lastIndexOf('@');
  if (end >= 0) knowLogin(rest.slice(0, end));
  for (const [, name, value] of rest.matchAll(/[?&;]([^=&;]+)=([^&;#]+)/g)) {
    if (name === undefined || value === undefined || !SECRET_QUERY_NAME.test(name)) continue;
    // The properties of an authentication mechanism are a list: NAME:value,NAME:value.
    for (const part of [value, ...value.split(/[,:]|%2C|%3A/i)]) knowSecret(part);
  }
}

/** Shortest part of a path or query that cannot be guessed, and is no ordinary word either. */
const SHORTEST_PART = 16;

/** Registers a URL that is secret as a whole, and the long parts of its path and query, which may be shown alone. */
export function knowLongParts(text: string): void {
  knowSecret(text);
  knowUrlSecrets(text);
  const { beyondHost = '' } = /^[a-z]+:\/\/[^/?#\s]*(?<beyondHost>[^]*)$/i.exec(text.trim())?.groups ?? {};
  const parts = [beyondHost, ...beyondHost.split(/[/?&=;#]/)];
  for (const part of parts) if (part.length >= SHORTEST_PART) knowSecret(part);
}

/** Forgets all secrets, for tests that share a process. */
export function forgetSecrets(): void {
  known.clear();
  pattern = null;
}

/** Replaces every known secret in a text with `[redacted]`. */
export function withoutSecrets(text: string): string {
  if (known.size === 0) return text;
  pattern ??= new RegExp([...known].sort(byLength).map(escaped).join('|'), 'g');
  return text.replace(pattern, HIDDEN);
}

/** Writes a value as JSON, with every known secret in its strings replaced. Keys are written unchanged. */
export function jsonWithoutSecrets(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? withoutSecrets(part) : part), indent);
}

/** Takes known secrets out of an error and its causes: message, stack and every other field. */
export function takeSecretsOut(error: Error): void {
  error.message = withoutSecrets(error.message);
  if (error.stack !== undefined) error.stack = withoutSecrets(error.stack);
  for (const [name, value] of Object.entries(error)) Object.assign(error, { [name]: fieldWithoutSecrets(value) });
  if (error.cause instanceof Error) takeSecretsOut(error.cause);
}

function fieldWithoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return withoutSecrets(value);
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  const json = jsonOf(value);
  return withoutSecrets(json) === json && json !== HIDDEN ? value : withoutSecrets(json);
}

/** Writes a value as JSON. One that cannot be written, such as a circular one, is hidden as a whole. */
function jsonOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return HIDDEN;
  }
}

function knowLogin(login: string): void {
  const colon = login.indexOf(':');
  const password = login.slice(colon + 1);
  if (colon < 0 || password === '') return;
  if (isOrdinary(password)) know(`:${password}@`);
  else knowSecret(password);
  know(base64(login));
  know(base64(decoded(login)));
}

function formsOf(text: string): string[] {
  const plain = decoded(text);
  const encoded = encodeURIComponent(plain.toWellFormed());
  const literals = [text, plain].map((form) => JSON.stringify(form).slice(1, -1));
  return [text, plain, encoded, lowerCaseEscapes(encoded), ...literals, base64(text), base64(plain)];
}

function isOrdinary(text: string): boolean {
  return text.length < SHORTEST_SECRET || ORDINARY_WORDS.has(text.toLowerCase());
}

function know(form: string): void {
  if (known.has(form)) return;
  known.add(form);
  pattern = null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Encodes a text without padding, so that it is found in encodings with and without padding. */
function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');
}

function lowerCaseEscapes(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/** Sorts longest first, so that a secret inside another one does not leave a part of the longer one. */
function byLength(a: string, b: string): number {
  return b.length - a.length;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
