import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const FOLDERS = [
  'domain',
  'sources',
  'store',
  'activities',
  'workflows',
  'temporal',
  'operations',
  'settings',
  'sample',
  'embedded',
  'dev',
  'commands',
];

/**
 * What each folder may import: other folders, at run time or as types only, packages, Node's own modules (`node`), and
 * `log.ts`.
 * The root files (`cli.ts`, `worker.ts`, `log.ts`) put the parts together and are free.
 */
const DIRECTIONS = {
  domain: { folders: [], packages: ['big.js', 'luxon'], node: false },
  sources: { folders: ['domain'], packages: ['got', 'zod', 'luxon', 'lossless-json', 'jsonc-parser', 'jsonrepair'] },
  store: { folders: ['domain'], packages: ['mongodb', 'big.js', 'luxon'] },
  activities: {
    log: true,
    folders: ['domain', 'sources', 'store'],
    packages: ['@temporalio/activity', '@temporalio/common', 'luxon'],
  },
  workflows: {
    folders: ['domain'],
    types: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    node: false,
  },
  temporal: {
    log: true,
    folders: ['domain', 'workflows', 'settings'],
    types: ['activities'],
    packages: [
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/common/lib/time.js',
      '@temporalio/envconfig',
      '@temporalio/worker',
    ],
  },
  operations: {
    folders: ['domain', 'settings', 'store', 'temporal', 'workflows'],
    packages: ['@temporalio/client'],
  },
  settings: {
    folders: ['domain'],
    packages: ['@temporalio/envconfig', 'dotenv', 'leven', 'luxon', 'mongodb-connection-string-url', 'yaml', 'zod'],
  },
  sample: {
    folders: [],
    packages: ['luxon', 'pure-rand/distribution/uniformInt', 'pure-rand/generator/xoroshiro128plus', 'zod'],
  },
  embedded: {
    folders: [],
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
};

const PROGRAMS = ['cli.js', 'worker.js'];

const ONLY_STORE_KNOWS_MONGODB = {
  regex: '^mongodb$',
  message: 'Only src/store knows MongoDB (src/embedded starts one and asks it for a ping).',
};

function anyOf(words) {
  return words.map((word) => word.replaceAll('.', '\\.')).join('|');
}

function forbiddenImports(folder) {
  const { folders, types = [], packages, node = true, log = false } = DIRECTIONS[folder];
  const closed = FOLDERS.filter((other) => other !== folder && !folders.includes(other));
  const byTypeOnly = types.length === 0 ? '' : `, types of ${types.join(', ')}`;
  const message = `src/${folder} imports only itself, ${[...folders, ...packages].join(', ')}${byTypeOnly}${node ? ', node:' : ''}.`;
  return [
    { regex: `^(\\.\\./)+(${anyOf(closed.filter((other) => !types.includes(other)))})/`, message },
    { regex: `^(\\.\\./)+(${anyOf(log ? PROGRAMS : [...PROGRAMS, 'log.js'])})$`, message },
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
      // A blank string is often as good as none here.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // Asks for the "!" that no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      // Index signatures are read in brackets: a typed property and a looked-up name should not look the same.
      '@typescript-eslint/dot-notation': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      'no-console': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only src/settings reads the environment.' },
        {
          object: 'process',
          property: 'exit',
          message: 'Set process.exitCode, so that everything is closed and written.',
        },
      ],
      'no-restricted-syntax': ['error', { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' }],
    },
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
    files: ['src/dev/**/*.ts', 'src/commands/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [ONLY_STORE_KNOWS_MONGODB, { regex: '/cli\\.js$', message: 'Nothing builds on the programs.' }] },
      ],
    },
  },
  {
    files: ['src/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [ONLY_STORE_KNOWS_MONGODB] }] },
  },
  {
    files: ['src/settings/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/commands/kit/output.ts', 'src/log.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    // Vitest calls these by their default export.
    files: ['*.config.ts', 'test/support/global-setup.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
);
