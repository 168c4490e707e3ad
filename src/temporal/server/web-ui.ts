import { isLoopbackHost } from '../../process/loopback-host.js';
import type { TemporalTarget } from './connect.js';

const DEFAULT_PORT = 7233;
/** `temporal server start-dev` serves its Web UI this many ports above its frontend. */
const DEV_SERVER_UI_PORT_OFFSET = 1_000;

/** Where the Web UI of a Temporal is, or null where nothing tells: a self-hosted one may have it anywhere. */
export function webUiUrl({ address }: TemporalTarget): string | null {
  const { hostname, port } = new URL(`tcp://${address}`);
  if (isLoopbackHost(hostname)) return `http://${hostname}:${Number(port || DEFAULT_PORT) + DEV_SERVER_UI_PORT_OFFSET}`;
  return hostname.endsWith('.tmprl.cloud') || hostname.endsWith('.api.temporal.io')
    ? 'https://cloud.temporal.io'
    : null;
}

/** The page of one workflow. */
export function workflowUrl(input: { webUrl: string; namespace: string; workflowId: string }): string {
  const { webUrl, namespace, workflowId } = input;
  return `${webUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
