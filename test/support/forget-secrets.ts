/** Forgets the secrets of earlier test files in this process, which would be hidden in the output of this one. */
import { forgetSecrets } from '../../src/process/secrets.js';

forgetSecrets();
