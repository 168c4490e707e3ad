/**
 * The text of a body that ought to be UTF-8. UTF-16 is told by its byte order mark. Of UTF-8 with bytes that are
 * none, each of those becomes U+FFFD; where no character beyond ASCII is UTF-8, the text is taken for Windows-1252.
 * Never throws.
 */
export function decodedText(body: Uint8Array): string {
  const [first, second] = body;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(body);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(body);
  const text = new TextDecoder('utf-8').decode(body);
  if (!text.includes('\uFFFD') || /[^\p{ASCII}\uFFFD]/u.test(text)) return text;
  return new TextDecoder('windows-1252').decode(body);
}
