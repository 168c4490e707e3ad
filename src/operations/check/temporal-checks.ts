import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { Account } from '../../settings/accounts.js';
import {
  describeTarget,
  isNamespaceUnknown,
  proxyOf,
  withImpatientClient,
  type TemporalAddress,
  type TemporalTarget,
} from '../../temporal/server/connect.js';
import { attributesState, registrationAdvice, type AttributesState } from '../../temporal/server/search-attributes.js';
import { namespaceAdvice, reachAdvice, throughProxy } from '../../temporal/server/trouble.js';
import { shownAlertSchedule, shownSchedules, type ShownSchedule } from '../schedules.js';
import type { CheckResult } from './check-result.js';
import { checkQueues } from './queue-checks.js';
import { grpcTrouble } from './grpc-trouble.js';
import { capitalised, failed, NoAnswerError, ok, skippedAfter, Trials, warning, type Finding } from './trials.js';

const CONNECTION = 'temporal.connection';
const NAMESPACE = 'temporal.namespace';
const AFTER_NAMESPACE = [
  'temporal.search-attributes',
  'temporal.schedules',
  'temporal.workers',
  'temporal.rate',
] as const;
const [ATTRIBUTES, SCHEDULES] = AFTER_NAMESPACE;

interface TemporalCheckInput {
  readonly address: TemporalAddress;
  readonly accounts: readonly Account[];
  /** True if an alert URL is set. */
  readonly hasAlerts: boolean;
  readonly signal: AbortSignal;
}

/** Checks the Temporal server, its namespace, and what callweave has there. Changes nothing that stays. */
export async function checkTemporal({ address, signal, ...of }: TemporalCheckInput): Promise<CheckResult[]> {
  const target = { ...describeTarget(address), proxy: proxyOf(address) };
  const trials = new Trials(signal);
  return withImpatientClient(address, async (client) => {
    try {
      return await checkInOrder({ ...of, client, target, trials });
    } finally {
      await trials.cleanedUp();
    }
  });
}

/** The server, and the HTTP proxy that it is reached through; null for a direct connection. */
type Reached = TemporalTarget & { readonly proxy: URL | null };

async function checkInOrder(of: {
  client: Client;
  target: Reached;
  accounts: readonly Account[];
  hasAlerts: boolean;
  trials: Trials;
}): Promise<CheckResult[]> {
  const { client, target, accounts, hasAlerts, trials } = of;
  const connection = await trials.run({
    id: CONNECTION,
    look: async () => {
      const { serverVersion } = await client.workflowService.getSystemInfo({});
      return ok(`Temporal ${serverVersion} answers at ${target.address}`);
    },
    explain: (error) => connectionTrouble(error, target),
  });
  if (connection.state === 'failed') return [connection, ...skippedAfter(CONNECTION, [NAMESPACE, ...AFTER_NAMESPACE])];
  const namespace = await trials.run({
    id: NAMESPACE,
    look: async () => {
      await client.workflowService.describeNamespace({ namespace: target.namespace });
      return ok(`the namespace ${target.namespace} exists`);
    },
    explain: (error) => namespaceTrouble(error, target),
  });
  if (namespace.state === 'failed') return [connection, namespace, ...skippedAfter(NAMESPACE, AFTER_NAMESPACE)];
  const rest = await Promise.all([
    trials.run({
      id: ATTRIBUTES,
      look: async () => attributesFinding(await attributesState(client, target.address), target),
      explain: (error) => grpcTrouble(error, 'looking for the search attributes'),
    }),
    trials.run({
      id: SCHEDULES,
      look: async () => {
        const ofAccounts = accounts.map((account) => shownSchedules(client, account));
        const ofAlerts = hasAlerts ? [shownAlertSchedule(client)] : [];
        return schedulesFinding((await Promise.all([...ofAccounts, ...ofAlerts])).flat());
      },
      explain: (error) => grpcTrouble(error, 'looking for the schedules'),
    }),
    ...checkQueues({ client, accounts: accounts.map(({ name }) => name), trials }),
  ]);
  return [connection, namespace, ...rest];
}

/** Messages after a connection by TLS to a server without it, or the other way round. */
const TLS_TROUBLE = /ssl|tls|ECONNRESET|protocol error|socket hang up/i;

function connectionTrouble(error: unknown, { address, proxy }: Reached): Finding {
  const trouble = grpcTrouble(error, `connecting to Temporal at ${address}${throughProxy(proxy)}`);
  if (isGrpcServiceError(error) && [7, 16].includes(error.code)) {
    return {
      ...trouble,
      advice: 'Check TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
    };
  }
  const tls = TLS_TROUBLE.test(trouble.message)
    ? '. Check whether the server needs TLS (TEMPORAL_TLS, TEMPORAL_API_KEY)'
    : '';
  return { ...trouble, advice: `${reachAdvice({ proxy, error })}${tls}` };
}

function namespaceTrouble(error: unknown, target: TemporalTarget): Finding {
  const { address, namespace } = target;
  if (isNamespaceUnknown(error)) {
    return failed(`Temporal at ${address} has no namespace ${namespace}`, capitalised(namespaceAdvice(target)));
  }
  const trouble = grpcTrouble(error, `asking for the namespace ${namespace}`);
  if (error instanceof NoAnswerError) return trouble;
  return {
    ...trouble,
    advice: 'Check TEMPORAL_NAMESPACE (Temporal Cloud: NAME.ACCOUNT), and that the credentials may use it',
  };
}

function attributesFinding(state: AttributesState, { address, namespace }: TemporalTarget): Finding {
  const { missing, wrongType, unknown, canRegister } = state;
  if (wrongType.length > 0) {
    return failed(
      `search attributes of callweave must have the type Keyword, and these have another: ${wrongType.join(', ')}`,
      `Remove them (\`temporal operator search-attribute remove --namespace ${namespace} --name NAME\`) and run ` +
        '`callweave schedule apply`, or set TEMPORAL_NAMESPACE to a separate namespace for callweave',
    );
  }
  if (missing.length > 0) {
    const lacking = `the namespace ${namespace} lacks ${missing.join(', ')}`;
    if (canRegister) return warning(lacking, 'Register them with `callweave schedule apply`, or start a worker');
    return failed(
      `${lacking}, and callweave may not register them`,
      registrationAdvice({ address, namespace, missing }),
    );
  }
  if (unknown.length > 0) {
    return warning(
      `the server does not let callweave see whether the namespace ${namespace} has ${unknown.join(', ')}`,
      `If it lacks them: ${registrationAdvice({ address, namespace, missing: unknown })}`,
    );
  }
  return ok(`the namespace ${namespace} has all search attributes`);
}

function schedulesFinding(schedules: readonly ShownSchedule[]): Finding {
  const idsOf = (state: ShownSchedule['state']): string =>
    schedules
      .filter((schedule) => schedule.state === state)
      .map(({ scheduleId }) => scheduleId)
      .join(', ');
  const [missing, paused] = [idsOf('missing'), idsOf('paused')];
  const parts = [
    { ids: missing, word: 'missing', advice: 'create what is missing with `callweave schedule apply`' },
    { ids: paused, word: 'paused', advice: 'resume what is paused with `callweave schedule resume`' },
  ].filter(({ ids }) => ids !== '');
  if (parts.length === 0) return ok(`all ${schedules.length} schedules of the settings are there`);
  const advice = parts.map((part) => part.advice).join('; ');
  return warning(parts.map(({ ids, word }) => `${word}: ${ids}`).join('; '), capitalised(advice));
}
