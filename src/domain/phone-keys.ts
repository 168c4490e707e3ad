const KEY_DIGITS = 10;
/** As long as an address may be; of what is longer the rest is not looked at. */
const LONGEST_ADDRESS = 1_000;

/** `sip:`, `tel:` and whatever else a number may be an address of. */
const SCHEME = /^([a-z][a-z0-9+.-]*):(?:\/\/)?/i;

/** What is dialled once the call is answered: `x12`, `ext. 12`, `poste 12`, `#12`, `,,12`, any number of them. */
const EXTENSION = /(?:\s*\(?(?:(?:ext(?:n|ension)?|poste|interno|durchwahl)\s*[.:=#]*|[x#*;pw]|,+)\s*\d{1,7}[#)]?)+$/i;
/** As `/12`: behind a whole number only, since a slash also ends an area code. */
const SLASH_EXTENSION = /(?<=(?:\d\D*){10})\s*\/\s*\d{1,3}$/;

/**
 * The last ten digits of a phone number, which all sources have in common, however it is written: of a SIP address the
 * digits of its user part, and never those of an extension. Null where there is no digit ("Anonymous").
 */
export function phoneKeyOf(phoneNumber: string | null): string | null {
  if (phoneNumber === null) return null;
  const number = userPart(addressIn(phoneNumber.slice(0, LONGEST_ADDRESS).normalize('NFKC').trim()));
  return lastDigits(number.replace(EXTENSION, '').replace(SLASH_EXTENSION, '')) ?? lastDigits(number);
}

/** `"Name" <sip:…>;tag=…` without the name; all of it where what stands between the brackets is no address. */
function addressIn(text: string): string {
  const address = /<([^>]*)/.exec(text)?.[1]?.trim() ?? '';
  return SCHEME.test(address) || /\d/.test(address) ? address : text;
}

/**
 * `+17755550143` of `sip:+17755550143;ext=12:secret@203.0.113.7:5060`; empty for a SIP address that has a host alone.
 */
function userPart(address: string): string {
  const [prefix = '', scheme = ''] = SCHEME.exec(address) ?? [];
  const isSip = /^sips?$/i.test(scheme);
  const rest = decoded(address.slice(prefix.length));
  const at = rest.lastIndexOf('@');
  if (at < 0 && isSip && isHost(rest)) return '';
  const user = (at < 0 ? rest : rest.slice(0, at)).replace(/[;?]\s*[a-z][\w-]*(?:=.*)?$/is, '');
  // Behind the user's name stands a password, or where there is no host a port.
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
