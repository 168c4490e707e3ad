import { fileVariant, type SettingGroup } from '../../src/settings/setting.js';
import { alertSettings } from '../../src/settings/alert-table.js';
import {
  ACCOUNT_SETTINGS,
  CONFIG_FILE_MEANING,
  CONFIG_FILE_NAME,
  logSettings,
  mongodbSettings,
  workerSettings,
} from '../../src/settings/table.js';
import { deploymentSettings } from '../../src/settings/deployment.js';
import { otlpSettings } from '../../src/settings/otlp.js';
import { networkSettings } from '../../src/settings/network/proxy.js';
import { temporalSettings } from '../../src/settings/temporal-table.js';

interface DocumentedSetting {
  readonly name: string;
  /** The default as it is written in .env; empty if there is none. */
  readonly default: string;
  /** Text of the column "default": the default, a note about it, or `required`. */
  readonly unset: string;
  readonly meaning: string;
}

interface Chapter {
  readonly title: string;
  readonly settings: readonly DocumentedSetting[];
}

const CONFIG_FILE: DocumentedSetting = { name: CONFIG_FILE_NAME, default: '', unset: '', meaning: CONFIG_FILE_MEANING };

const CHAPTERS: readonly Chapter[] = [
  { title: 'Temporal (read by `@temporalio/envconfig`)', settings: documented(temporalSettings) },
  { title: 'Worker Versioning', settings: documented(deploymentSettings) },
  { title: 'Network', settings: documented(networkSettings) },
  { title: 'MongoDB', settings: documented(mongodbSettings) },
  ...Object.values(ACCOUNT_SETTINGS).map(({ title, settings }) => ({ title, settings: documented(settings) })),
  { title: 'Alerts', settings: documented(alertSettings) },
  { title: 'callweave', settings: [CONFIG_FILE, ...documented(workerSettings), ...documented(logSettings)] },
  { title: 'Metrics by OTLP', settings: documented(otlpSettings) },
];

function documented(group: SettingGroup): DocumentedSetting[] {
  return Object.entries(group).map(([name, setting]) => ({
    name,
    default: setting.default ?? '',
    unset: setting.isRequired ? 'required' : (setting.defaultNote ?? setting.default ?? ''),
    meaning: setting.hasFile
      ? `${setting.meaning} Or \`${fileVariant(name)}\`: the path of a file that holds it.`
      : setting.meaning,
  }));
}

/** Settings that a new installation needs first, in the order of the table. */
const FIRST_SETTINGS = [
  'INVOCA_BASE_URL',
  'INVOCA_SCOPE',
  'INVOCA_ID',
  'INVOCA_TOKEN',
  'INVOCA_TIME_ZONE',
  'CREDIRA_API_KEY',
  'MONGODB_URI',
  'TEMPORAL_ADDRESS',
];

/** Returns the first settings as one Markdown table. */
export function firstSettingsTable(): string {
  const all = CHAPTERS.flatMap(({ settings }) => settings);
  return tableOf(FIRST_SETTINGS.flatMap((first) => all.filter(({ name }) => name === first)));
}

/** Returns every setting as Markdown, with a table for each chapter. */
export function settingsReference(): string {
  return CHAPTERS.map(({ title, settings }) => `## ${title}\n\n${tableOf(settings)}`).join('\n\n');
}

function tableOf(settings: readonly DocumentedSetting[]): string {
  const rows = settings.map(({ name, unset, meaning }) => `| \`${name}\` | ${cell(unset)} | ${cell(meaning)} |`);
  return ['| name | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** Returns the contents of `.env.example`: every setting with its default, commented out. */
export function envExample(): string {
  const head = [
    '# Copy this file to .env and remove the # from each setting you change. The values shown are the defaults.',
    '# Environment variables of the same names override this file.',
  ];
  const chapters = CHAPTERS.map(({ title, settings }) =>
    [`# --- ${plain(title)} ---`, ...settings.map((setting) => `\n${exampleOf(setting)}`)].join('\n'),
  );
  return `${[head.join('\n'), ...chapters].join('\n\n')}\n`;
}

function exampleOf({ name, default: defaultText, unset, meaning }: DocumentedSetting): string {
  const note = unset === '' || unset === defaultText ? '' : ` (${plain(unset)})`;
  return [...wrapped(`${plain(meaning)}${note}`).map((line) => `# ${line}`), `#${name}=${defaultText}`].join('\n');
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}

const LINE_WIDTH = 110;

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
