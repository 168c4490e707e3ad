/** The last step of the build: `node dist/temporal/build-bundle.js`. */
import { writeWorkflowBundle } from './bundle.js';

await writeWorkflowBundle();
