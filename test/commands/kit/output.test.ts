import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createOutput, type Output } from '../../../src/commands/kit/output.js';
import { knowSecret } from '../../../src/process/secrets.js';
import { readAll } from '../../support/read-all.js';

interface Surroundings {
  readonly output: Output;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  readonly clock: { nowMs: number };
}

function anOutput(): Surroundings {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const clock = { nowMs: 0 };
  const output = createOutput({ stdout, stderr, now: () => clock.nowMs });
  return { output, stdout, stderr, clock };
}

describe('createOutput', () => {
  it('writes results to stdout and remarks to stderr', () => {
    const { output, stdout, stderr } = anOutput();

    output.print('a result');
    output.printJson({ rows: 2 });
    output.note('a remark');
    output.warn('odd');

    expect(readAll(stdout)).toBe('a result\n{\n  "rows": 2\n}\n');
    expect(readAll(stderr)).toBe('a remark\nwarning: odd\n');
  });

  it('redacts secrets in every kind of output', () => {
    const { output, stdout, stderr } = anOutput();
    knowSecret('output-sesame');

    output.print('a output-sesame');
    output.printJson({ reason: ['output-sesame'] });
    output.printTable({ head: ['reason'], rows: [['output-sesame']] });
    output.note('b output-sesame');
    output.warn('c output-sesame');
    const progress = output.progress();
    progress.update('d output-sesame');
    progress.end('e output-sesame');

    expect(readAll(stdout)).toBe('a [redacted]\n{\n  "reason": [\n    "[redacted]"\n  ]\n}\nreason\n[redacted]\n');
    expect(readAll(stderr)).toBe('b [redacted]\nwarning: c [redacted]\nd [redacted]\ne [redacted]\n');
  });

  it('aligns the columns of a table, without lines, colours or trailing blanks', () => {
    const { output, stdout } = anOutput();

    output.printTable({
      head: ['account', 'rows'],
      rows: [
        ['invoca', '12,400'],
        ['credira-collections', '7'],
      ],
    });

    expect(readAll(stdout)).toBe(
      ['account              rows', 'invoca               12,400', 'credira-collections  7', ''].join('\n'),
    );
  });

  it('escapes text of other people, and keeps a line of a table or progress on one line', () => {
    const { output, stdout, stderr } = anOutput();
    const text = '\x1b[2J\u202e\r\n\tx';

    output.print(text);
    output.printTable({ head: ['a'], rows: [[text]] });
    output.note(text);
    output.warn(text);
    output.progress().update(text);

    const harmless = '\\u{1b}[2J\\u{202e}\\u{d}\n\tx\n';
    expect(readAll(stdout)).toBe(`${harmless}a\n\\u{1b}[2J\\u{202e}\\u{d}\\u{a}\\u{9}x\n`);
    expect(readAll(stderr)).toBe(`${harmless}warning: ${harmless}${harmless}`);
  });

  it('keeps the meaning of JSON, and writes pieces unchanged unless to a terminal', async () => {
    const { output, stdout } = anOutput();
    const text = '\x1b[2J\x9b\u202e\r\n\tx\ud800';
    async function* pieces(): AsyncGenerator<string> {
      yield await Promise.resolve('\x1b\r\n');
    }

    output.printJson({ [text]: text });
    expect(JSON.parse(readAll(stdout))).toEqual({ [text]: text });

    await output.printPieces(pieces());
    expect(readAll(stdout)).toBe('\x1b\r\n');

    Object.assign(stdout, { isTTY: true });
    await output.printPieces(pieces());
    expect(readAll(stdout)).toBe('\\u{1b}\\u{d}\n');
  });

  it.each([
    { code: 'EPIPE', isTTY: false },
    { code: 'EIO', isTTY: true },
  ])('takes a reader that has gone for the end ($code, a terminal: $isTTY)', async ({ code, isTTY }) => {
    const { output, stdout } = anOutput();
    expect(output.closed.aborted).toBe(false);

    Object.assign(stdout, { isTTY }).emit('error', Object.assign(new Error(`write ${code}`), { code }));
    expect(output.closed.aborted).toBe(true);
    await output.written();
  });

  it.each(['ENOSPC', 'EIO', 'EFBIG', 'EDQUOT'])('reports a result that cannot be written (%s)', async (code) => {
    const { output, stdout } = anOutput();
    await output.written();

    stdout.emit('error', Object.assign(new Error(`${code}: write`), { code }));

    expect(output.closed.aborted).toBe(true);
    await expect(output.written()).rejects.toThrow(`cannot write the result to stdout: ${code}: write`);
  });

  it.each(['EPIPE', 'EIO', 'ENOSPC'])('still writes the result if remarks fail with %s', (code) => {
    const { output, stdout, stderr } = anOutput();

    stderr.emit('error', Object.assign(new Error(code), { code }));
    output.print('a result');

    expect(output.closed.aborted).toBe(false);
    expect(readAll(stdout)).toBe('a result\n');
  });

  it('treats a terminal without a width as one of 80 columns, also after a resize', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
    createOutput({ stdout: terminal, stderr: new PassThrough() });
    expect(terminal.columns).toBe(80);

    terminal.columns = 132;
    terminal.emit('resize');
    expect(terminal.columns).toBe(132);

    terminal.columns = 0;
    terminal.emit('resize');
    expect(terminal.columns).toBe(80);
  });

  it('reads the next piece of a long result when there is room for it', async () => {
    const { output, stdout } = anOutput();
    let taken = 0;
    async function* pieces(): AsyncGenerator<string> {
      for (; taken < 100; taken += 1) yield Promise.resolve('x'.repeat(1_024));
    }

    const written = output.printPieces(pieces());
    await once(stdout, 'readable');
    await setImmediate();
    expect(taken).toBeLessThan(100);

    stdout.resume();
    await written;
    expect(taken).toBe(100);
  });

  it('writes no further pieces once the reader has gone', async () => {
    const { output, stdout } = anOutput();
    let hasEnded = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield Promise.resolve('x'.repeat(1_024));
      } finally {
        hasEnded = true;
      }
    }

    const written = output.printPieces(endless());
    await once(stdout, 'readable');
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await written;

    expect(hasEnded).toBe(true);
  });

  it('writes progress as plain lines from time to time if there is no terminal', () => {
    const { output, stderr, clock } = anOutput();
    const progress = output.progress();

    progress.update('1 page');
    clock.nowMs = 9_999;
    progress.update('2 pages');
    clock.nowMs = 10_000;
    progress.update('3 pages');
    progress.end('3 pages');
    progress.end('done');
    progress.end();

    expect(readAll(stderr)).toBe('1 page\n3 pages\ndone\n');
  });
});
