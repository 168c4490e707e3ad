import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLog, temporalLogger, type Log } from '../../src/process/log.js';
import { knowSecret } from '../../src/process/secrets.js';
import { readAll } from '../support/read-all.js';

type Format = 'pretty' | 'json' | null;

function logInto({ logFormat = 'json' }: { logFormat?: Format } = {}): { log: Log; text: () => string } {
  const stream = new PassThrough();
  const log = createLog({ logLevel: 'debug', logFormat, stream });
  return { log, text: () => readAll(stream) };
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLog', () => {
  it('writes JSON lines with the level by its name', () => {
    const { log, text } = logInto({ logFormat: null });

    log.info({ pages: 3 }, 'Drained');
    log.trace('Too fine');

    expect(lines(text())).toMatchObject([{ level: 'info', pages: 3, msg: 'Drained' }]);
  });

  it('writes text for people when told to', async () => {
    const { log, text } = logInto({ logFormat: 'pretty' });

    log.warn({ account: 'invoca' }, 'Waiting');

    await expect.poll(text).toMatch(/WARN.*Waiting[\s\S]*account: "invoca"/);
  });

  it('never writes a field that is named like a secret', () => {
    const { log, text } = logInto();

    log.info({ token: 's3', request: { headers: [{ Authorization: 's3' }], id: 1 }, invoca: { apiKey: 's3' } }, 'Sent');
    log.info({ api_key: 's3', taskToken: 's3', mongodbUri: 's3', password: { value: 's3' } }, 'Sent');
    log.error(
      { err: Object.assign(new Error('refused'), { options: { headers: { authorization: 's3' } } }) },
      'Failed',
    );

    const written = text();
    expect(written).not.toContain('s3');
    expect(lines(written)).toMatchObject([
      { token: '[redacted]', request: { headers: [{ Authorization: '[redacted]' }], id: 1 } },
      { taskToken: '[redacted]' },
      { err: { type: 'Error', message: 'refused' } },
    ]);
  });

  it('shows any field harmlessly, and writes it exactly as JSON', async () => {
    const hostile = '\x1b[2J\x9b1m\u202e\x07';
    const write = ({ log }: { log: Log }): void => {
      log.warn({ field: hostile, nested: [{ hostile }], err: new Error(hostile) }, hostile);
    };

    const pretty = logInto({ logFormat: 'pretty' });
    write(pretty);
    const harmless = '\\u{1b}[2J\\u{9b}1m\\u{202e}\\u{7}';
    let shown = '';
    await expect.poll(() => (shown += pretty.text())).toContain(`Error: ${harmless}`);
    expect(shown).toContain(`WARN: ${harmless}`);
    expect(shown).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);

    const json = logInto();
    write(json);
    const line = json.text();
    expect(line).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(lines(line)).toMatchObject([
      { msg: hostile, field: hostile, nested: [{ hostile }], err: { message: hostile } },
    ]);
  });

  it('never writes a known secret, whatever the origin of the text', () => {
    const { log, text } = logInto();
    knowSecret('logged-sesame');
    class Options {
      readonly url = 'http://me:logged-sesame@proxy';
    }

    log.warn({ options: new Options(), attempt: 2 }, 'Retrying with logged-sesame');
    log.error({ err: new Error('bad header logged-sesame') }, 'Failed');
    temporalLogger(log).error('Worker failed', { error: new Error('logged-sesame') });

    const written = text();
    expect(written).not.toContain('sesame');
    expect(lines(written)).toMatchObject([
      { options: { url: 'http://me:[redacted]@proxy' }, attempt: 2, msg: 'Retrying with [redacted]' },
      { err: { message: 'bad header [redacted]' } },
      { msg: 'Worker failed', err: { message: '[redacted]' } },
    ]);
  });

  it('leaves dates and other values as they are', () => {
    const { log, text } = logInto();

    log.info({ at: new Date(0), none: null, list: [1, { a: true }] }, 'Values');

    expect(lines(text())).toMatchObject([{ at: '1970-01-01T00:00:00.000Z', none: null, list: [1, { a: true }] }]);
  });
});

describe('temporalLogger', () => {
  it('writes the lines of the SDK with their fields', () => {
    const { log, text } = logInto();
    const logger = temporalLogger(log);

    logger.info('Worker state changed', { state: 'RUNNING', sdkComponent: 'worker' });
    logger.log('WARN', 'Activity failed', { error: new Error('no'), attempt: 2 });
    logger.debug('Polling');

    expect(lines(text())).toMatchObject([
      { level: 'info', msg: 'Worker state changed', state: 'RUNNING', sdkComponent: 'worker' },
      { level: 'warn', msg: 'Activity failed', attempt: 2, err: { message: 'no' } },
      { level: 'debug', msg: 'Polling' },
    ]);
  });
});
