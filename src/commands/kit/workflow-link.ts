import type { DevInstance } from '../../settings/dev-instance.js';
import { describeTarget, type TemporalAddress } from '../../temporal/server/connect.js';
import { webUiUrl, workflowUrl } from '../../temporal/server/web-ui.js';

/** Where a person sees a workflow; null where nothing tells. */
export function workflowLink(input: {
  workflowId: string;
  temporalAddress: TemporalAddress;
  devInstance: DevInstance | null;
}): string | null {
  const target = describeTarget(input.temporalAddress);
  const webUrl = input.devInstance?.webUrl ?? webUiUrl(target);
  return webUrl === null ? null : workflowUrl({ webUrl, namespace: target.namespace, workflowId: input.workflowId });
}
