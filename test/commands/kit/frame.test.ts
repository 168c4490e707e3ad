import { readFile } from 'node:fs/promises';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { commandSettings, type Register } from '../../../src/commands/kit/context.js';
import { EXIT, type ExitCode } from '../../../src/commands/kit/exit-codes.js';
import type { CommandEntry } from '../../../src/commands/kit/frame.js';
import { UsageError } from '../../../src/settings/errors.js';
import { runCommandLine } from '../../support/run-cli.js';

const loaded: string[] = [];

function aCommand(name: string, run: (text: string, options: { json?: true }) => unknown): CommandEntry {
  return {
    name,
    summary: `Show the summary of ${name}`,
    guide: 'where-to-look',
    load: () => {
      loaded.push(name);
      const register: Register = (commandToFill, context) => {
        commandToFill
          .description(`Describe ${name}.`)
          .argument('[text]')
          .action(
            context.action(async (text: string, options: { json?: true }) => {
              const exitCode = await run(text, options);
              context.output.print(`${name} ${text} ${options.json ? 'as JSON' : ''}`.trim());
              return exitCode === 3 ? EXIT.needsPerson : EXIT.done;
            }),
          );
      };
      return Promise.resolve({ register });
    },
  };
}

function throwing(error: Error): () => never {
  return () => {
    throw error;
  };
}

const registerSettings: Register = (command, context) => {
  const check = (): Promise<ExitCode> => {
    commandSettings({ context, needs: ['mongodb', 'some-account'] });
    return Promise.resolve(EXIT.done);
  };
  command.action(context.action(check));
};

const registerGroup: Register = (group, context) => {
  group.command('leaf').action(context.action(() => Promise.resolve(EXIT.done)));
};

const commands = [
  aCommand('echo', () => undefined),
  aCommand('verify', () => 3),
  aCommand('misuse', throwing(new UsageError('two heads are too many'))),
  aCommand('fail', throwing(new Error('it broke', { cause: new Error('a wire', { cause: new Error('a wire') }) }))),
  {
    name: 'settings',
    summary: 'Check settings',
    guide: 'where-to-look',
    load: () => Promise.resolve({ register: registerSettings }),
  },
  {
    name: 'group',
    summary: 'Group commands',
    guide: 'where-to-look',
    load: () => Promise.resolve({ register: registerGroup }),
  },
] satisfies CommandEntry[];

describe('runCli', () => {
  it('runs a command and ends with its exit code', async () => {
    expect(await runCommandLine({ argv: ['echo', 'hello', '--json'], commands })).toEqual({
      exitCode: 0,
      stdout: 'echo hello as JSON\n',
      stderr: '',
    });
    expect(await runCommandLine({ argv: ['verify', 'x'], commands })).toMatchObject({ exitCode: 3 });
  });

  it('lists the commands without loading any', async () => {
    loaded.length = 0;

    const run = await runCommandLine({ argv: ['--help'], commands });

    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toContain('Show the summary of verify');
    expect(run.stdout).toContain('Exit codes: 0 done, 1 failed');
    expect(loaded).toEqual([]);
  });

  it.each([[['echo', '--help']], [['help', 'echo']]])('shows the help of one command for %j', async (argv) => {
    const run = await runCommandLine({ argv, commands });

    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toContain('Usage: callweave echo [options] [text]');
    expect(run.stdout).toMatch(/--json +print the result as JSON/);
  });

  it('prints its version', async () => {
    const run = await runCommandLine({ argv: ['--version'], commands });

    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });

  it.each([
    [['ecko'], /error: unknown command 'ecko'\n\(Did you mean echo\?\)/],
    [['echo', '--jason'], /error: unknown option '--jason'\n\(Did you mean --json\?\)/],
    [['echo', 'one', 'two'], /error: too many arguments/],
    [['group', 'leef'], /error: unknown command 'leef'\n\(Did you mean leaf\?\)/],
    [['group'], /Usage: callweave group/],
    [[], /Usage: callweave \[options\] \[command\]/],
    [['\x1b[2J'], /^error: unknown command '\\u\{1b\}\[2J'\n/],
    [['misuse'], /^error: two heads are too many\n$/],
  ])('ends wrong usage %j with 2 and prints the reason on stderr', async (argv, message) => {
    const run = await runCommandLine({ argv, commands });

    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toMatch(message);
  });

  it('ends a failure with 1 and one block of text, with --json too', async () => {
    expect(await runCommandLine({ argv: ['fail', '--json'], commands })).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: it broke\n  caused by: a wire\n',
    });
  });

  it.each(['debug', 'trace'])('adds the stack at log level %s', async (level) => {
    const run = await runCommandLine({ argv: ['fail'], commands, env: { CALLWEAVE_LOG_LEVEL: level } });

    expect(run.stderr).toMatch(/^error: it broke\n[\s\S]+\n {4}at /);
  });

  it('lists everything that is wrong with the settings, and warns about unknown names', async () => {
    const env = { MONGODB_URI: 'x', INVOCA_ID: '1', INVOCA_TOKEN: 't', INVOCA_BASE_ULR: 'https://acme.invoca.net' };

    expect(await runCommandLine({ argv: ['settings'], commands, env })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: [
        'warning: INVOCA_BASE_ULR is not a setting and is ignored (the nearest is INVOCA_BASE_URL)',
        'error: 2 settings are wrong or missing:',
        '  - MONGODB_URI must be a MongoDB connection string: mongodb://host:port/… or mongodb+srv://host/…, special characters in user and password percent-encoded',
        '  - INVOCA_BASE_URL is missing: The base URL of the API, `https://<vanity>.invoca.net`. Plain http is allowed only for a server on this machine.',
        '',
      ].join('\n'),
    });
  });
});

describe('cli.ts', () => {
  it('starts without Temporal, MongoDB or got, so that --help is quick', async () => {
    const packages = await packagesLoadedBy(new URL('../../../src/cli.ts', import.meta.url));

    expect([...packages].sort()).toEqual(['cli-table3', 'commander', 'dotenv', 'ora']);
  });
});

/** Returns the packages that importing a source file loads at once, without those of `import()` and of types. */
async function packagesLoadedBy(entry: URL): Promise<Set<string>> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file.href)) continue;
    seen.add(file.href);
    for (const name of await importsOf(file)) {
      if (name.startsWith('.')) waiting.push(new URL(name.replace(/\.js$/, '.ts'), file));
      else if (!name.startsWith('node:')) packages.add(name);
    }
  }
  return packages;
}

async function importsOf(file: URL): Promise<string[]> {
  const source = ts.createSourceFile(file.pathname, await readFile(file, 'utf8'), ts.ScriptTarget.ES2023);
  return source.statements
    .filter((statement) => ts.isImportDeclaration(statement))
    .filter(({ importClause }) => importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword)
    .map(({ moduleSpecifier }) => moduleSpecifier)
    .filter((specifier) => ts.isStringLiteral(specifier))
    .map(({ text }) => text);
}
