import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../support/run-cli.js';

describe('callweave schedule', () => {
  it.each(['pause', 'resume'])('%s refuses a blank note, because Temporal would ignore the command', async (name) => {
    for (const note of ['', ' ', '\t\n']) {
      const { exitCode, stdout, stderr } = await runCommandLine({ argv: ['schedule', name, '--note', note] });
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain("error: option '--note <text>' argument");
    }
  });

  it('accepts a note, and then checks the settings', async () => {
    const { stderr } = await runCommandLine({ argv: ['schedule', 'resume', '--note', 'all is well'] });
    expect(stderr).not.toContain('--note');
  });
});
