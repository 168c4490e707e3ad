import { describe, expect, it } from 'vitest';
import {
  addressOrOff,
  baseUrl,
  calendarDay,
  columnNames,
  databaseName,
  decimalNumber,
  duration,
  longSecretWord,
  risingDurations,
  secretWord,
  wholeNumber,
  mongodbUri,
  type TextSchema,
} from '../../src/settings/schemas.js';
import { timeZone } from '../../src/settings/time-zone.js';

const invocaUrl = baseUrl({ example: 'https://<vanity>.invoca.net', mayHavePath: false });
const crediraUrl = baseUrl({ example: 'https://api.credira.com/v1', mayHavePath: true });
const pageLimit = wholeNumber({ min: 1, max: 4_000 });
const rate = decimalNumber({ min: 0.01, max: 1_000 });

function parse<Value>(schema: TextSchema<Value>, text: string): Value | 'refused' {
  const result = schema.safeParse(text);
  return result.success ? result.data : 'refused';
}

describe('whole and decimal numbers', () => {
  it.each(['1', '4000', '0250'])('reads the whole number %s', (text) => {
    expect(parse(pageLimit, text)).toBe(Number(text));
  });

  it.each(['0', '4001', '1.5', '1e3', '-1', '0x10', '4 000', 'many', '9'.repeat(30)])('refuses %s', (text) => {
    expect(parse(pageLimit, text)).toBe('refused');
  });

  it.each(['0.01', '3', '2.5', '1000'])('reads the rate %s', (text) => {
    expect(parse(rate, text)).toBe(Number(text));
  });

  it.each(['0', '0.009', '1000.1', '.5', '1,5', 'NaN', 'Infinity'])('refuses the rate %s', (text) => {
    expect(parse(rate, text)).toBe('refused');
  });
});

describe('duration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parse(duration({ min: '1s' }), text)).toBe(milliseconds);
  });

  it.each(['5', '5 m', '0m', '-5m', '1.5h', '5M', '5min', 'm', '5m5s', '1e3s'])('refuses %s', (text) => {
    expect(parse(duration({ min: '1s' }), text)).toBe('refused');
  });

  it('refuses a duration below the minimum', () => {
    expect(parse(duration({ min: '5m' }), '299s')).toBe('refused');
    expect(parse(duration({ min: '5m' }), '300s')).toBe(300_000);
  });

  it('reads a list that rises, with or without spaces', () => {
    expect(parse(risingDurations, '2m, 5m,1h')).toEqual([120_000, 300_000, 3_600_000]);
  });

  it.each(['5m,2m', '5m,5m', '60s,1m', '', '2m,', '2m,,5m', '2m;5m'])('refuses the list "%s"', (text) => {
    expect(parse(risingDurations, text)).toBe('refused');
  });
});

describe('calendarDay and timeZone', () => {
  it.each(['2024-02-29', '2026-12-31'])('reads the day %s', (text) => {
    expect(parse(calendarDay, text)).toBe(text);
  });

  it.each(['2023-02-29', '2024-13-01', '2024-1-1', '2024-01-01T00:00', 'today'])('refuses the day %s', (text) => {
    expect(parse(calendarDay, text)).toBe('refused');
  });

  it.each([
    ['America/Los_Angeles', 'America/Los_Angeles'],
    ['america/los_angeles', 'America/Los_Angeles'],
    ['AMERICA/ARGENTINA/BUENOS_AIRES', 'America/Buenos_Aires'],
    ['US/Pacific', 'America/Los_Angeles'],
    ['us/pacific', 'America/Los_Angeles'],
    ['Asia/Calcutta', 'Asia/Calcutta'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['asia/kolkata', 'Asia/Calcutta'],
    ['America/Indiana/Indianapolis', 'America/Indiana/Indianapolis'],
    ['America/Port_of_Spain', 'America/Port_of_Spain'],
    ['America/Port-au-Prince', 'America/Port-au-Prince'],
    ['EST', 'America/Panama'],
    ['EST5EDT', 'America/New_York'],
    ['GMT', 'UTC'],
    ['utc', 'UTC'],
    ['Zulu', 'UTC'],
    ['etc/gmt+5', 'Etc/GMT+5'],
  ])('reads the zone %s as %s', (text, name) => {
    expect(parse(timeZone, text)).toBe(name);
  });

  it.each([
    ...['America/Los_Angelos', 'PT', 'Pacific', '+02:00', '-0800', '+2', 'UTC+2', 'UTC+02:00', 'GMT-8', 'Z', 'local'],
    // Node accepts these and Temporal does not, because the IANA database lacks them.
    ...['PST', 'CST', 'IST', 'AST', 'ist', 'SystemV/PST8PDT'],
  ])('refuses the zone %s', (text) => {
    expect(parse(timeZone, text)).toBe('refused');
  });
});

describe('baseUrl', () => {
  it.each([
    ['https://acme.invoca.net', 'https://acme.invoca.net'],
    ['https://acme.invoca.net/', 'https://acme.invoca.net'],
    ['https://acme.invoca.net:8443', 'https://acme.invoca.net:8443'],
    ['http://localhost:4000', 'http://localhost:4000'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
    ['http://127.9.9.9', 'http://127.9.9.9'],
    ['http://[::1]:4000/', 'http://[::1]:4000'],
  ])('reads %s', (text, url) => {
    expect(parse(invocaUrl, text)).toBe(url);
  });

  it.each([
    'http://acme.invoca.net',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://192.168.0.1',
    'https://user:secret@acme.invoca.net',
    'https://acme.invoca.net/api',
    'https://acme.invoca.net?oauth_token=1',
    'https://acme.invoca.net/#x',
    'acme.invoca.net',
    'ftp://acme.invoca.net',
    'https:acme.invoca.net',
    'https://',
  ])('refuses %s', (text) => {
    expect(parse(invocaUrl, text)).toBe('refused');
  });

  it('accepts a path if the source has one', () => {
    expect(parse(crediraUrl, 'https://api.credira.com/v1/')).toBe('https://api.credira.com/v1');
    expect(parse(crediraUrl, 'https://api.credira.com/v1?a=b')).toBe('refused');
  });
});

describe('other texts', () => {
  it('reads addresses with a port, and off', () => {
    expect(parse(addressOrOff, '0.0.0.0:9464')).toBe('0.0.0.0:9464');
    expect(parse(addressOrOff, '[::1]:80')).toBe('[::1]:80');
    expect(parse(addressOrOff, 'off')).toBeNull();
  });

  it.each(['9464', 'localhost', 'localhost:0', 'localhost:65536', 'http://localhost:1', ':9464'])(
    'refuses the address %s',
    (text) => {
      expect(parse(addressOrOff, text)).toBe('refused');
    },
  );

  it('refuses to exclude the columns that merging needs', () => {
    expect(parse(columnNames, 'calling_phone_number, city,city')).toEqual(['calling_phone_number', 'city']);
    expect(parse(columnNames, 'city,transaction_id')).toBe('refused');
    expect(parse(columnNames, 'city,,zip')).toBe('refused');
  });

  it('refuses a token that no header can hold or that includes its scheme', () => {
    expect(parse(secretWord, 'abc-123_/=+')).toBe('abc-123_/=+');
    expect(parse(secretWord, 'Bearer abc')).toBe('refused');
    expect(parse(secretWord, 'tökén')).toBe('refused');
  });

  it('takes a secret that others send only if it has 16 characters or more', () => {
    expect(parse(longSecretWord, 'abc-123_/=+?#%&!')).toBe('abc-123_/=+?#%&!');
    expect(parse(longSecretWord, 'abc-123_/=+?#%&')).toBe('refused');
    expect(parse(longSecretWord, 'Bearer abc-123_/=+?#%&!')).toBe('refused');
  });

  it('recognises connection strings and database names', () => {
    expect(parse(mongodbUri, 'mongodb+srv://u:p@cluster.example/?w=majority')).not.toBe('refused');
    expect(parse(mongodbUri, 'http://127.0.0.1:27017')).toBe('refused');
    expect(parse(mongodbUri, 'mongodb://')).toBe('refused');
    for (const hosts of ['h', 'h:1', 'a,b:2', '[::1]:27017', '%2Ftmp%2Fmongodb.sock']) {
      expect(parse(mongodbUri, `mongodb://u:p@${hosts}/`)).not.toBe('refused');
    }
    // The driver refuses these when it connects.
    for (const hosts of ['127.0.0.1:27117x', 'h:0', 'h:70000', 'a,b:2x', '::1', 'h%zz']) {
      expect(parse(mongodbUri, `mongodb://u:p@${hosts}/`)).toBe('refused');
    }
    expect(parse(databaseName, 'calls-2')).toBe('calls-2');
    expect(parse(databaseName, 'a.b')).toBe('refused');
  });
});
