import { environmentSource, readGroup, type Environment } from './read-group.js';
import { matching } from './schemas.js';
import { optional } from './setting.js';

/** The code that a worker runs, as Worker Versioning names it. */
export interface WorkerBuild {
  readonly deploymentName: string;
  readonly buildId: string;
}

const NAME = 'TEMPORAL_DEPLOYMENT_NAME';
const BUILD = 'TEMPORAL_WORKER_BUILD_ID';

/** Settings of Worker Versioning, under the names that the Temporal Worker Controller for Kubernetes sets. */
export const deploymentSettings = {
  TEMPORAL_DEPLOYMENT_NAME: optional({
    schema: matching('1 to 200 letters, digits, "-", "_" or "/"', /^(?!__)[A-Za-z0-9/_-]{1,200}$/),
    defaultNote: 'no Worker Versioning',
    meaning:
      'The name of the deployment that all workers belong to. It turns Worker Versioning on for `callweave worker`: see ' +
      '`docs/operations.md` first, because nothing runs on a build until it is made current.',
  }),
  TEMPORAL_WORKER_BUILD_ID: optional({
    schema: matching('1 to 200 letters, digits or one of . _ + : / @ -', /^(?!__)[A-Za-z0-9._+:/@-]{1,200}$/),
    meaning: 'The id of the build, which changes with each new version of the code, such as the tag of the image.',
  }),
};

/** Reads the build of the workers; null if neither setting is set. Only one of them is a problem. */
export function readDeployment(surroundings: { env: Environment; cwd: string }): {
  readonly deployment: WorkerBuild | null;
  readonly problems: readonly string[];
} {
  const { values, problems } = readGroup(deploymentSettings, environmentSource(surroundings));
  if (values === null) return { deployment: null, problems };
  const { [NAME]: deploymentName, [BUILD]: buildId } = values;
  if (deploymentName !== null && buildId !== null) return { deployment: { deploymentName, buildId }, problems };
  if (deploymentName === null && buildId === null) return { deployment: null, problems };
  const [missing, given] = buildId === null ? [BUILD, NAME] : [NAME, BUILD];
  return {
    deployment: null,
    problems: [`${missing} is missing: Worker Versioning needs it together with ${given}; set both or neither`],
  };
}
