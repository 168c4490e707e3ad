/** The beginning of a text, at most `capBytes` of UTF-8 long. */
export function cappedText(text: string, capBytes: number): string {
  if (Buffer.byteLength(text) <= capBytes) return text;
  // In a stream the decoder leaves out a character that the cut went through.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, capBytes), { stream: true });
}
