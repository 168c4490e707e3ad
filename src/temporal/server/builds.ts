import type { Client } from '@temporalio/client';
import type { WorkerBuild } from '../../settings/deployment.js';

type DescribedQueue = Awaited<ReturnType<Client['workflowService']['describeTaskQueue']>>;

/** The builds that get the new work of a task queue; null stands for workers without Worker Versioning. */
export interface Routing {
  readonly current: WorkerBuild | null;
  /** The build that gets a part of the new work. Undefined if there is none. */
  readonly ramping: WorkerBuild | null | undefined;
}

export function routingOf({ versioningInfo }: Pick<DescribedQueue, 'versioningInfo'>): Routing {
  const { currentDeploymentVersion, rampingDeploymentVersion, rampingVersionPercentage } = versioningInfo ?? {};
  const isRamping = (rampingVersionPercentage ?? 0) > 0;
  return {
    current: buildOf(currentDeploymentVersion),
    ramping: isRamping ? buildOf(rampingDeploymentVersion) : undefined,
  };
}

/** True if new work is given to a build; null stands for workers without Worker Versioning. */
export function getsNewWork(build: WorkerBuild | null, { current, ramping }: Routing): boolean {
  return isSame(build, current) || (ramping !== undefined && isSame(build, ramping));
}

/** `WORKER_VERSIONING_MODE_VERSIONED` of the API, whose enum an ES module cannot import. */
const VERSIONED = 2;

/** Returns the build of a process that polls a task queue; null without Worker Versioning. */
export function buildOfPoller({
  deploymentOptions,
}: NonNullable<DescribedQueue['pollers']>[number]): WorkerBuild | null {
  const mode: number = deploymentOptions?.workerVersioningMode ?? 0;
  return mode === VERSIONED ? buildOf(deploymentOptions) : null;
}

/** Returns the name of a build in a sentence. */
export function buildName({ deploymentName, buildId }: WorkerBuild): string {
  return `build ${buildId} of the deployment ${deploymentName}`;
}

/** Returns the command that makes a build current. */
export function setCurrentCommand({ deploymentName, buildId }: WorkerBuild): string {
  return `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`;
}

/** Returns the builds without repetitions. */
export function distinctBuilds(builds: readonly WorkerBuild[]): WorkerBuild[] {
  return builds.filter((build, index) => builds.findIndex((other) => isSame(build, other)) === index);
}

function buildOf(named: Partial<Record<keyof WorkerBuild, string | null>> | null | undefined): WorkerBuild | null {
  const { deploymentName, buildId } = named ?? {};
  return deploymentName && buildId ? { deploymentName, buildId } : null;
}

function isSame(one: WorkerBuild | null, other: WorkerBuild | null): boolean {
  return one?.deploymentName === other?.deploymentName && one?.buildId === other?.buildId;
}
