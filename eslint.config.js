import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Imports that each folder of `src` may have: other `folders`, folders of which it may import `types` only, `packages`,
 * and Node's own modules unless `node` is false. Outside the folders are only the programs `cli.ts` and `worker.ts`.
 */
const DIRECTIONS = {
  domain: { folders: [], packages: ['big.js', 'luxon'], node: false },
  process: { folders: [], types: ['settings'], packages: ['@temporalio/common', 'pino', 'pino-pretty'] },
  sources: {
    folders: ['domain', 'process'],
    packages: ['got', 'https-proxy-agent', 'zod', 'luxon', 'lossless-json', 'jsonc-parser', 'jsonrepair'],
  },
  store: { folders: ['domain'], packages: ['mongodb', 'big.js', 'luxon'] },
  activities: {
    folders: ['domain', 'process', 'sources', 'store'],
    packages: ['@temporalio/activity', '@temporalio/common', 'luxon'],
  },
  workflows: {
    folders: ['domain'],
    types: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    node: false,
  },
  settings: {
    folders: ['domain', 'process'],
    packages: ['@temporalio/envconfig', 'dotenv', 'leven', 'luxon', 'mongodb-connection-string-url', 'yaml', 'zod'],
  },
  temporal: {
    folders: ['domain', 'process', 'settings', 'workflows'],
    types: ['activities'],
    packages: [
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/common/lib/time.js',
      '@temporalio/envconfig',
      '@temporalio/worker',
      'p-map',
    ],
  },
  operations: {
    folders: ['domain', 'process', 'settings', 'sources', 'store', 'temporal', 'workflows'],
    packages: ['@temporalio/client', 'csv-stringify/sync', 'luxon', 'p-map'],
  },
  worker: {
    folders: ['activities', 'domain', 'process', 'settings', 'sources', 'store', 'temporal', 'workflows'],
    packages: ['@temporalio/client', '@temporalio/common', '@temporalio/worker', 'sax'],
  },
  sample: {
    folders: ['process'],
    packages: ['luxon', 'pure-rand/distribution/uniformInt', 'pure-rand/generator/xoroshiro128plus', 'zod'],
  },
  embedded: {
    folders: ['process'],
    packages: [
      '@temporalio/client',
      '@temporalio/common/lib/time.js',
      'env-paths',
      'execa',
      'get-port',
      'got',
      'mongodb',
    ],
  },
  dev: {
    folders: [
      'domain',
      'embedded',
      'operations',
      'process',
      'sample',
      'settings',
      'store',
      'temporal',
      'worker',
      'workflows',
    ],
    packages: ['@temporalio/client', 'zod'],
  },
  commands: {
    folders: ['dev', 'domain', 'operations', 'process', 'settings', 'store', 'temporal', 'worker', 'workflows'],
    packages: ['@temporalio/client', '@temporalio/common', 'cli-table3', 'commander', 'ora', 'pretty-ms'],
  },
};

const FOLDERS = Object.keys(DIRECTIONS);
const PROGRAMS = ['cli.js', 'worker.js'];

function anyOf(words) {
  return words.map((word) => word.replaceAll('.', '\\.')).join('|');
}

function forbiddenImports(folder) {
  const { folders, types = [], packages, node = true } = DIRECTIONS[folder];
  const closed = FOLDERS.filter((other) => other !== folder && !folders.includes(other));
  const byTypeOnly = types.length === 0 ? '' : `, types of ${types.join(', ')}`;
  const message = `src/${folder} imports only itself, ${[...folders, ...packages].join(', ')}${byTypeOnly}${node ? ', node:' : ''}.`;
  return [
    { regex: `^(\\.\\./)+(${anyOf(closed.filter((other) => !types.includes(other)))})/`, message },
    { regex: `^(\\.\\./)+(${anyOf(PROGRAMS)})$`, message: 'Do not import the programs cli.ts and worker.ts.' },
    { regex: `^(?!\\.{1,2}/)(?!(${anyOf(packages)})$)${node ? '(?!node:)' : ''}`, message },
    ...(types.length === 0
      ? []
      : [{ regex: `^(\\.\\./)+(${anyOf(types)})/`, allowTypeImports: true, message: `${message} (as types only)` }]),
  ];
}

const directionRules = Object.keys(DIRECTIONS).map((folder) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: forbiddenImports(folder) }] },
}));

/** Words that do not say yet what a doc comment is about: not "With its indexes." but "The store, with its indexes." */
const EMPTY_OPENINGS =
  'Of|As|With|Without|Within|Among|Between|Since|For|From|By|To|In|On|At|Under|Behind|Before|After|Until|While|When|' +
  'Where|What|Which|Whether|How|That|Those|This|These|Such|It|Its|They|There|Here|Nothing|None|Not|So|If|Unless|' +
  'Because|Also|Else|Like|Per|Is|Are|Was|Has|Why|Whatever|Who|Whose|Below';
// The hyphen, because "On-disk size" opens with a noun.
const EMPTY_OPENING = new RegExp(`^\\*[\\s*]*(${EMPTY_OPENINGS})(?![-\\w])`);

/** Refuses a doc comment that opens with one of these words. */
const docCommentOpening = {
  meta: { type: 'suggestion' },
  create: (context) => ({
    Program() {
      for (const { type, value, loc } of context.sourceCode.getAllComments()) {
        const word = type === 'Block' ? EMPTY_OPENING.exec(value)?.[1] : undefined;
        const message = `A doc comment opens with a noun or a verb that says what the thing is or does, not with "${word}".`;
        if (word !== undefined) context.report({ loc, message });
      }
    },
  }),
};

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '.callweave/']),
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.recommended] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A blank string often means the same as none here.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // Demands the "!" that no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // Index signatures are read in brackets: a typed property and a looked-up name should not look the same.
      '@typescript-eslint/dot-notation': 'off',
      // Prettier wraps code, but not comments.
      'max-len': ['error', { code: 1_000, comments: 120, ignoreUrls: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      'no-console': 'error',
      'no-duplicate-imports': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/settings reads the environment.' },
        {
          object: 'process',
          property: 'exit',
          message: 'Set process.exitCode instead, so that connections are closed and all output is written.',
        },
      ],
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' }],
    },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    plugins: { callweave: { rules: { 'doc-comment-opening': docCommentOpening } } },
    rules: { 'callweave/doc-comment-opening': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', 250],
      'max-params': ['error', 3],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  ...directionRules,
  {
    files: ['src/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(?!\\./commands/main\\.js$)', message: 'cli.ts and worker.ts import only commands/main.js.' },
          ],
        },
      ],
    },
  },
  {
    // The first reads the environment; the second ends a process that a silent server keeps alive.
    files: ['src/settings/**/*.ts', 'src/commands/main.ts', 'test/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/commands/kit/output.ts', 'src/process/log.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // Vitest calls these by their default export.
    files: ['*.config.ts', 'test/support/global-setup.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
);
