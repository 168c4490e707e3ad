import { proxyForUrl, readNetwork } from '../../src/settings/network/proxy.js';
import { getAnswer } from '../../src/sources/http/http.js';

/** The status of each answer, or the message of the error. */
export type Answers = readonly (number | string)[];

/**
 * Requests each URL of the arguments, one after the other, and prints the {@link Answers}. A
 * process of its own, because Node.js reads `NODE_EXTRA_CA_CERTS` only when it starts.
 */
const network = readNetwork({ env: process.env });
const answers: (number | string)[] = [];
for (const url of process.argv.slice(2).map((text) => new URL(text))) {
  const get = getAnswer({ url, headers: {}, proxy: proxyForUrl(network, url) }, () => true);
  answers.push(await get.then(({ status }) => status).catch((error: unknown) => String(error)));
}
process.stdout.write(JSON.stringify(answers satisfies Answers));
