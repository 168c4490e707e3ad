import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeCredira } from '../../src/domain/credira/credira-call.js';
import { phoneKeyOf } from '../../src/domain/phone-keys.js';
import { aCall, mergeAll } from '../support/a-transaction.js';

const KEY = '7755550143';

describe('phoneKeyOf', () => {
  it.each([
    ...[
      '775-555-0143',
      '+1 (775) 555-0143',
      '0017755550143',
      '775.555.0143',
      '775\u00a0555\u20110143',
      '７７５５５５０１４３',
    ],
    ...['#31#7755550143', '*67 775-555-0143'],
  ])('returns the last ten digits of %j', (number) => {
    expect(phoneKeyOf(number)).toBe(KEY);
  });

  it.each([
    ...['sip:+17755550143@203.0.113.7:5060', 'SIP:17755550143@pbx.example', 'sips:7755550143@[2001:db8::1]:5061'],
    ...['sip:7755550143@203.0.113.7;user=phone', 'sip:+17755550143;npdi;rn=+12025550100@203.0.113.7'],
    ...[
      'sip:+17755550143:12345@203.0.113.7',
      'sip:%2B17755550143@203.0.113.7',
      'sip:+17755550143',
      'sip:+17755550143:5060',
    ],
    ...['"Bob 2" <sip:+17755550143@203.0.113.7:5060>;tag=9a7', '<sip:+17755550143@203.0.113.7', 'Bob <775-555-0143>'],
    ...[
      '775-555-0143 <Bob>',
      '+17755550143@203.0.113.7',
      'sip:7755550143x12@203.0.113.7',
      'sip:+17755550143;ext=12@203.0.113.7',
    ],
  ])('reads the user part of %j', (address) => {
    expect(phoneKeyOf(address)).toBe(KEY);
  });

  it.each([
    ...[
      'tel:+1-775-555-0143',
      'tel:7755550143;phone-context=+1',
      'tel:+1-775-555-0143;isub=12;ext=3',
      '<tel:+17755550143>',
    ],
    ...['callto://+17755550143', 'whatsapp:+17755550143'],
  ])('reads the number in %j', (uri) => {
    expect(phoneKeyOf(uri)).toBe(KEY);
  });

  it.each([
    ...[' x12', 'x12', ' X 12', ' ext 12', ' ext. 12', 'ext12', ' Extension 12', ' extn: 12', ' (ext 12)', ' ext #12'],
    ...[
      '#12',
      ' #12',
      ' poste 3',
      ' Poste: 12',
      ' interno 12',
      '/12',
      ' / 3',
      ';ext=12',
      ';12',
      ',12',
      ',,12',
      ',,12#',
      ',,12,,3456#',
      'p12',
      'w12',
      '*12',
      ' x 1234567',
    ],
  ])('leaves out the extension%j', (extension) => {
    expect(phoneKeyOf(`775-555-0143${extension}`)).toBe(KEY);
    expect(phoneKeyOf(`sip:+17755550143${extension}@203.0.113.7:5060`)).toBe(KEY);
  });

  it.each(['0775/5550143', '775/555-0143', '+1 775/5550143', '7755550/143'])(
    'does not read an extension after the slash of %j',
    (number) => {
      expect(phoneKeyOf(number)).toBe(KEY);
    },
  );

  it.each([
    ['611', '611'],
    ['611 x12', '611'],
    ['x12', '12'],
    ['sip:0143@203.0.113.7', '0143'],
  ])('returns for the short number %j the key %s', (number, key) => {
    expect(phoneKeyOf(number)).toBe(key);
  });

  it.each([
    ...['', 'Anonymous', 'Restricted', 'tel:anonymous', 'sip:anonymous@203.0.113.7', 'sip:203.0.113.7:5060'],
    ...['"7755550143" <sip:anonymous@anonymous.invalid>', 'sip:pbx7.example', 'sip:[2001:db8::1]', null],
  ])('returns null for %j', (number) => {
    expect(phoneKeyOf(number)).toBeNull();
  });

  it('returns the same key for every way to write a number', () => {
    const numbers = fc.stringMatching(/^[2-9]\d{9}$/);
    const extension = fc.constantFrom('', ' x7', ' ext. 4321', ';ext=12', ',,99');
    const forms = fc.constantFrom<((number: string) => string)[]>(
      (number) => number,
      (number) => `+1${number}`,
      (number) => `+1 (${number.slice(0, 3)}) ${number.slice(3, 6)}-${number.slice(6)}`,
    );
    const frames = fc.constantFrom<((number: string) => string)[]>(
      (number) => number,
      (number) => `tel:${number}`,
      (number) => `sip:${number}@203.0.113.7:5060`,
      (number) => `"Line 1" <sips:${number}@pbx2.example;user=phone>;tag=1`,
    );

    fc.assert(
      fc.property(numbers, extension, forms, frames, (number, suffix, form, frame) => {
        expect(phoneKeyOf(frame(form(number) + suffix))).toBe(number);
      }),
    );
  });

  it('reads any text without delay', () => {
    for (const text of ['x1', '1/', '1 ', ' ', '#1', '1##', ',1#', '<', ';a', '%', '@']) {
      expect(phoneKeyOf(text.repeat(100_000))?.length ?? 0).toBeLessThanOrEqual(10);
    }
  });

  it('gives calls of every source their key', () => {
    const from = 'sip:+17755550143@203.0.113.7:5060';
    const seenAt = new Date(0);

    expect(mergeAll(aCall('A', { calling_phone_number: from }))).toMatchObject({ from, fromKey: KEY });
    expect(mergeCredira({ callId: 'C', firstSeenAt: seenAt, fields: { from } })).toMatchObject({ from, fromKey: KEY });
  });
});
