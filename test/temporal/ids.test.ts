import { describe, expect, it } from 'vitest';
import {
  accountWorkflowId,
  apiTaskQueue,
  backfillWorkflowId,
  DRAIN,
  RECONCILE,
  estimateWorkflowId,
  TRANSCRIPTS,
  transcriptWorkflowId,
  windowWorkflowId,
  WORKFLOW_TASK_QUEUE,
} from '../../src/workflows/ids.js';
import { webUiUrl, workflowUrl } from '../../src/temporal/server/connect.js';

describe('the names that other programs rely on', () => {
  it('are those of the contract', () => {
    expect(WORKFLOW_TASK_QUEUE).toBe('callweave');
    expect(apiTaskQueue('invoca')).toBe('callweave-api-invoca');
    expect(accountWorkflowId(DRAIN, 'invoca')).toBe('drain/invoca');
    expect(accountWorkflowId(TRANSCRIPTS, 'invoca')).toBe('transcripts/invoca');
    expect(accountWorkflowId(RECONCILE, 'invoca')).toBe('reconcile/invoca');
    const window = { from: '2025-03-01', to: '2025-03-31' };
    const parentId = backfillWorkflowId({ account: 'invoca', ...window });
    expect(parentId).toBe('backfill/invoca/2025-03-01..2025-03-31');
    const day = { from: '2025-03-04', to: '2025-03-04' };
    expect(windowWorkflowId({ parentId, window: day })).toBe(`${parentId}/2025-03-04..2025-03-04`);
    expect(estimateWorkflowId({ account: 'invoca', from: '2025-03-01', to: '2025-03-31' })).toBe(
      'estimate/invoca/2025-03-01..2025-03-31',
    );
    expect(transcriptWorkflowId({ account: 'invoca', callId: '7F3A-1C' })).toBe('transcript/invoca/7F3A-1C');
  });
});

describe('webUiUrl', () => {
  it.each([
    ['127.0.0.1:7233', 'http://127.0.0.1:8233'],
    ['localhost:9000', 'http://localhost:10000'],
    ['ns.abc12.tmprl.cloud:7233', 'https://cloud.temporal.io'],
    ['eu-central-1.aws.api.temporal.io:7233', 'https://cloud.temporal.io'],
    ['temporal.internal:7233', null],
  ])('of %s is %s', (address, url) => {
    expect(webUiUrl({ address, namespace: 'default' })).toBe(url);
  });

  it('links to a workflow whose id contains a slash', () => {
    const url = workflowUrl({ webUrl: 'http://127.0.0.1:8233', namespace: 'default', workflowId: 'drain/invoca' });
    expect(url).toBe('http://127.0.0.1:8233/namespaces/default/workflows/drain%2Finvoca');
  });
});
