/** Signs made of letters, as they are written beside amounts; those of one letter or two are no ISO codes. */
const LETTER_SIGNS = [
  ...['Rs', 'Re', 'kr', 'K\u010d', 'z\u0142', 'Ft', 'lei', 'S?Fr', 'RM', 'Rp', 'R', 'S/', 'Bs', 'KSh', 'TSh', 'USh'],
  ...['\u043b\u0432', '\u0440\u0443\u0431', '\u0440', '\u0433\u0440\u043d', '\u5143', '\u5186'],
];

/** ISO 4217 as this Node knows it, in capitals or without any. */
const CODES = Intl.supportedValuesOf('currency').flatMap((code) => [code, code.toLowerCase()]);

/** `$`, `CA$`, `US $`, `$US`: a sign and, before or behind it, whose it is. */
const SIGN = String.raw`(?:[A-Z]{2,3} |[A-Za-z]{0,3})\p{Sc}(?:[A-Z]{2,3}(?!\p{L}))?`;

/** The source of a regular expression that matches one currency, by its sign or its code. */
export const CURRENCY = `(?:${SIGN}|(?:${CODES.join('|')})(?!\\p{L})|(?:${LETTER_SIGNS.join('|')})\\.?(?!\\p{L}))`;
