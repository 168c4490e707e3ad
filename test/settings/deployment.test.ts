import { describe, expect, it } from 'vitest';
import { readDeployment } from '../../src/settings/deployment.js';

const NAME = 'TEMPORAL_DEPLOYMENT_NAME';
const BUILD = 'TEMPORAL_WORKER_BUILD_ID';

describe('the settings of Worker Versioning', () => {
  it.each([
    [{}, null],
    [{ [NAME]: ' ', [BUILD]: '' }, null],
    [
      { [NAME]: 'calls', [BUILD]: '1.4.0' },
      { deploymentName: 'calls', buildId: '1.4.0' },
    ],
    [
      { [NAME]: 'team/calls', [BUILD]: 'sha256:0a1b' },
      { deploymentName: 'team/calls', buildId: 'sha256:0a1b' },
    ],
  ])('%j are read as %j', (env, deployment) => {
    expect(readDeployment({ env, cwd: '.' })).toEqual({ deployment, problems: [] });
  });

  it.each([
    [{ [NAME]: 'calls' }, `${BUILD} is missing`],
    [{ [BUILD]: 'v1' }, `${NAME} is missing`],
    [{ [NAME]: 'calls.eu', [BUILD]: 'v1' }, `${NAME} must be`],
    [{ [NAME]: '__calls', [BUILD]: 'v1' }, `${NAME} must be`],
    [{ [NAME]: 'calls', [BUILD]: 'v1; rm' }, `${BUILD} must be`],
  ])('%j are refused: %s', (env, said) => {
    const { deployment, problems } = readDeployment({ env, cwd: '.' });

    expect(deployment).toBeNull();
    expect(problems).toEqual([expect.stringContaining(said)]);
  });
});
