import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  attributesState,
  ensureSearchAttributes,
  isTemporalCloud,
  requireSearchAttributes,
} from '../../../src/temporal/server/search-attributes.js';
import { connectTemporal } from '../../support/temporal-connection.js';
import { startTemporalProxy } from '../../support/temporal-proxy.js';

/** Values of `INDEXED_VALUE_TYPE_…` in the API. */
const TYPES = { keyword: 2, int: 3, double: 4, bool: 5, datetime: 6 };
const PERMISSION_DENIED = 7;
const BOTH = ['CallweaveAccount', 'CallweaveMode'];
const CLOUD = 'calls.a1b2c.tmprl.cloud:7233';

/** Returns a client of a new namespace with these search attributes, by way of a proxy if methods are refused. */
async function clientOf(
  attributes: Readonly<Record<string, number>>,
  refuse: ((method: string) => boolean) | null = null,
): Promise<Client> {
  const namespace = `test-${randomUUID()}`;
  const { connection: direct, close } = await connectTemporal(inject('temporalAddress'));
  onTestFinished(close);
  await direct.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') });
  if (Object.keys(attributes).length > 0) {
    await direct.operatorService.addSearchAttributes({ namespace, searchAttributes: attributes });
  }
  if (refuse === null) return new Client({ connection: direct, namespace });
  const address = await startTemporalProxy((method) => (refuse(method) ? PERMISSION_DENIED : null));
  const proxied = await connectTemporal(address);
  onTestFinished(proxied.close);
  return new Client({ connection: proxied.connection, namespace });
}

const isOperator = (method: string): boolean => method.startsWith('OperatorService/');
const isLook = (method: string): boolean => isOperator(method) || method === 'WorkflowService/CountWorkflowExecutions';

describe('attributesState', () => {
  it('lists what is missing and registers nothing', async () => {
    const client = await clientOf({ CallweaveMode: TYPES.keyword });
    const state = { missing: ['CallweaveAccount'], wrongType: [], unknown: [], canRegister: true };

    expect(await attributesState(client, 'temporal.internal:7233')).toEqual(state);
    expect(await attributesState(client, CLOUD)).toEqual({ ...state, canRegister: false });
  });

  it('asks by queries if the operator service is refused', async () => {
    const some = await clientOf({ CallweaveAccount: TYPES.keyword }, isOperator);
    const state = { missing: [], wrongType: [], unknown: [], canRegister: false };

    expect(await attributesState(some, 'proxy')).toEqual({ ...state, missing: ['CallweaveMode'] });
    for (const type of [TYPES.int, TYPES.double, TYPES.bool, TYPES.datetime]) {
      const odd = await clientOf({ CallweaveAccount: type, CallweaveMode: TYPES.keyword }, isOperator);
      expect(await attributesState(odd, 'proxy'), String(type)).toEqual({ ...state, wrongType: ['CallweaveAccount'] });
      await expect(ensureSearchAttributes(odd, 'proxy')).rejects.toThrow('these have another: CallweaveAccount.');
    }
  });

  it('takes attributes neither for missing nor for there if queries are refused too', async () => {
    const client = await clientOf({}, isLook);

    expect(await attributesState(client, 'proxy')).toEqual({
      missing: [],
      wrongType: [],
      unknown: BOTH,
      canRegister: false,
    });
    const advice = await requireSearchAttributes(client, 'proxy');
    expect(advice).toMatch(/^callweave may not see whether the namespace \S+ has the search attributes /);
    expect(advice).toContain('  temporal operator search-attribute create ');
  });

  it('fails if the namespace does not exist, whatever is refused', async () => {
    const { connection } = await clientOf({}, isOperator);
    const client = new Client({ connection, namespace: 'no-such-namespace' });

    await expect(attributesState(client, 'proxy')).rejects.toThrow(/NOT_FOUND/);
  });
});

describe('requireSearchAttributes', () => {
  it('registers nothing on Temporal Cloud, and names the commands of its CLI only', async () => {
    const client = await clientOf({});
    const { namespace } = client.options;

    const advice = await requireSearchAttributes(client, CLOUD).catch((error: unknown) => (error as Error).message);

    expect(advice?.split('\n')).toEqual([
      `the namespace ${namespace} lacks search attributes (CallweaveAccount, CallweaveMode), and callweave may not ` +
        'register them: nothing can be started until they are there. Have an administrator run this, with the Cloud ' +
        'extension of Temporal’s CLI (or create them in the Cloud UI):',
      `  temporal cloud namespace search-attribute create --namespace ${namespace} --name CallweaveAccount --type Keyword`,
      `  temporal cloud namespace search-attribute create --namespace ${namespace} --name CallweaveMode --type Keyword`,
    ]);
    expect(await attributesState(client, 'localhost')).toMatchObject({ missing: BOTH });
  });
});

describe('isTemporalCloud', () => {
  it.each([
    [CLOUD, true],
    ['CALLS.A1B2C.TMPRL.CLOUD', true],
    ['eu-central-1.aws.api.temporal.io:7233', true],
    ['aws-eu-central-1.region.tmprl.cloud:7233', true],
    ['tmprl.cloud.example.com:7233', false],
    ['mytmprl.cloud:7233', false],
    ['localhost:7233', false],
    ['[::1]:7233', false],
  ])('of %s is %s', (address, expected) => {
    expect(isTemporalCloud(address)).toBe(expected);
  });
});
