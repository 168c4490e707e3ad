import { describe, expect, it } from 'vitest';
import { examplesOf } from '../../../src/commands/kit/help.js';
import { commands } from '../../../src/commands/table.js';
import { allCommands, fullName, idleProgram, wordsOf } from '../../support/examples.js';

const screens = (await allCommands()).map((command) => {
  const { reads, others } = examplesOf(command);
  return { command, name: fullName(command), lines: [...reads, ...others] };
});

describe('the module of a command', () => {
  it.each(commands)('$name exports its register and nothing else', async ({ load }) => {
    expect(Object.keys(await load())).toEqual(['register']);
  });
});

describe('the help', () => {
  it.each(screens)('of $name has examples, which the program itself accepts', async ({ command, name, lines }) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toContain('\nExamples:\n  callweave ');
    expect(lines).not.toEqual([]);

    for (const line of lines) {
      const [first, ...argv] = wordsOf(line);
      const { program, called } = idleProgram();
      expect(first, line).toBe('callweave');
      if (argv.at(-1) === '--help') {
        await expect(program.parseAsync(argv, { from: 'user' }), line).rejects.toMatchObject({ exitCode: 0 });
        continue;
      }
      await program.parseAsync(argv, { from: 'user' });
      expect(called, line).toEqual([expect.stringMatching(new RegExp(`^${name}( |$)`))]);
    }
  });

  it('begins with an imperative, and lists each subcommand with the first sentence of its description', () => {
    for (const { name, command } of screens) expect(command.description(), name).toMatch(/^[A-Z][a-z]+(?<![^s]s)[ ,]/);
    const cursor = screens.find(({ name }) => name === 'callweave cursor')?.command;
    expect(cursor?.helpInformation()).toMatch(
      /set \[options\] <id> +Move the cursor to a transaction; [^.]*\n +rewind/,
    );
  });

  it('describes an option in the same words everywhere, except two options that have two meanings', () => {
    const texts = new Map<string, Set<string>>();
    for (const { flags, description } of screens.flatMap(({ command }) => command.options)) {
      texts.set(flags, (texts.get(flags) ?? new Set()).add(description));
    }
    const differing = [...texts].filter(([, { size }]) => size > 1).map(([flags]) => flags);
    expect(differing.sort()).toEqual(['--account <name>', '--format <format>']);
    for (const option of differing) expect(texts.get(option)?.size, option).toBe(2);
  });
});
