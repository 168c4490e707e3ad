/** Writes the workflow bundle, as the last step of the build: `node dist/worker/build-bundle.js`. */
import { writeWorkflowBundle } from './bundle.js';

await writeWorkflowBundle();
