import { resolve } from 'node:path';
import { alertSettings } from './alert-table.js';
import type { ConfigFile } from './files/config-file.js';
import { proxyForUrl, readNetwork } from './network/proxy.js';
import { environmentSource, readGroup, type Environment, type TextSource } from './read-group.js';

/** Receiver of alerts. */
export interface AlertSettings {
  readonly url: URL;
  readonly format: 'json' | 'slack';
  /** The proxy for posts, with user and password; null for a direct connection. */
  readonly proxy: URL | null;
  /** The dead-man's switch; null if there is none. */
  readonly heartbeat: { readonly url: URL; readonly proxy: URL | null } | null;
}

export interface AlertsReading {
  /** Null if nobody is told. */
  readonly settings: { readonly alerts?: AlertSettings | null };
  readonly problems: readonly string[];
  readonly warnings?: readonly string[];
}

/** Reads who is told, from the environment or else from the top level of the config file. */
export function readAlerts(surroundings: { env: Environment; cwd: string; file: ConfigFile }): AlertsReading {
  const { file } = surroundings;
  const texts = environmentFirst(surroundings);
  const reading = readGroup(alertSettings, texts);
  const problems = [...file.problems, ...reading.problems];
  const { values } = reading;
  if (values === null) return { settings: {}, problems };
  const { CALLWEAVE_ALERT_URL: url, CALLWEAVE_ALERT_FORMAT: format, CALLWEAVE_ALERT_HEARTBEAT_URL: beat } = values;
  if (url === null) {
    const lonely = `${texts.label('CALLWEAVE_ALERT_HEARTBEAT_URL')} has no effect without CALLWEAVE_ALERT_URL`;
    return { settings: { alerts: null }, problems, warnings: [...file.warnings, ...(beat === null ? [] : [lonely])] };
  }
  const network = readNetwork(surroundings);
  const heartbeat = beat && { url: beat, proxy: proxyForUrl(network, beat) };
  return {
    settings: { alerts: { url, format, proxy: proxyForUrl(network, url), heartbeat } },
    problems,
    warnings: file.warnings,
  };
}

/** Returns the texts of the environment and, for settings that are unset there, those of the config file. */
function environmentFirst({ env, cwd, file: { texts } }: Parameters<typeof readAlerts>[0]): TextSource {
  const environment = environmentSource({ env, cwd });
  const ofFile = (name: string): string | undefined => {
    const text = texts.textOf(name);
    return text !== undefined && name.endsWith('_FILE') ? resolve(texts.folder, text) : text;
  };
  return {
    textOf: (name) => environment.textOf(name) ?? ofFile(name),
    label: (name) => (environment.textOf(name) === undefined && hasText(texts, name) ? texts : environment).label(name),
    folder: cwd,
  };
}

function hasText({ textOf }: TextSource, name: string): boolean {
  try {
    return textOf(name) !== undefined;
  } catch {
    // It refers to a variable that is not set.
    return true;
  }
}
