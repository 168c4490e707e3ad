const KEY_DIGITS = 10;
/** Characters of an address that are read; the rest of a longer one is ignored. */
const LONGEST_ADDRESS = 1_000;

/** `sip:`, `tel:` and any other scheme of an address. */
const SCHEME = /^([a-z][a-z0-9+.-]*):(?:\/\/)?/i;

/** Digits dialled once the call is answered, any number of times: `x12`, `ext. 12`, `poste 12`, `#12`, `,,12`. */
const EXTENSION = /(?:\s*\(?(?:(?:ext(?:n|ension)?|poste|interno|durchwahl)\s*[.:=#]*|[x#*;pw]|,+)\s*\d{1,7}[#)]?)+$/i;
/** An extension such as `/12`. It must follow ten digits, since a slash also ends an area code. */
const SLASH_EXTENSION = /(?<=(?:\d\D*){10})\s*\/\s*\d{1,3}$/;

/**
 * Returns the last ten digits of a phone number, which are the same in all sources however the number is written. A SIP
 * address is read from its user part; an extension is left out. Null if there is no digit ("Anonymous").
 */
export function phoneKeyOf(phoneNumber: string | null): string | null {
  if (phoneNumber === null) return null;
  const number = userPart(addressIn(phoneNumber.slice(0, LONGEST_ADDRESS).normalize('NFKC').trim()));
  return lastDigits(number.replace(EXTENSION, '').replace(SLASH_EXTENSION, '')) ?? lastDigits(number);
}

/** Returns what is in the brackets of `"Name" <sip:…>;tag=…`; all of the text if that is no address. */
function addressIn(text: string): string {
  const address = /<([^>]*)/.exec(text)?.[1]?.trim() ?? '';
  return SCHEME.test(address) || /\d/.test(address) ? address : text;
}

/**
 * Returns `+17755550143` for `sip:+17755550143;ext=12:secret@203.0.113.7:5060`; empty for a SIP address without a user.
 */
function userPart(address: string): string {
  const [prefix = '', scheme = ''] = SCHEME.exec(address) ?? [];
  const isSip = /^sips?$/i.test(scheme);
  const rest = decoded(address.slice(prefix.length));
  const at = rest.lastIndexOf('@');
  if (at < 0 && isSip && isHost(rest)) return '';
  const user = (at < 0 ? rest : rest.slice(0, at)).replace(/[;?]\s*[a-z][\w-]*(?:=.*)?$/is, '');
  // A colon begins a password, or a port if there is no host.
  return at >= 0 || isSip ? user.replace(/:.*$/s, '') : user;
}

function isHost(text: string): boolean {
  const [host = ''] = text.split(/[:;?]/);
  return /^\d{1,3}(?:\.\d{1,3}){3}$|^\[|[a-z]/i.test(host);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function lastDigits(text: string): string | null {
  const digits = text.replaceAll(/\D/g, '').slice(-KEY_DIGITS);
  return digits === '' ? null : digits;
}
