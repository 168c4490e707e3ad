// Sends each change of the stored calls to a service of yours over HTTP. Described in docs/recipes.md.
//
//   TARGET_URL=https://crm.example/calls node --env-file=.env docs/recipes/follow-changes.mjs [TOKEN_FILE]
import { readFile, rename, writeFile } from 'node:fs/promises';
import { BSON, MongoClient } from 'mongodb';

const { MONGODB_URI = 'mongodb://127.0.0.1:27017', MONGODB_DATABASE = 'callweave', TARGET_URL } = process.env;
const tokenFile = process.argv[2] ?? 'follow-changes.token';

/** Codes of InvalidResumeToken (two), ChangeStreamFatalError and ChangeStreamHistoryLost. */
const TOKEN_IS_LOST = [260, 40647, 280, 286];
const START_OVER =
  `Changes were missed. Remove ${tokenFile}, start this again, and load what ` +
  '"callweave export --state FILE" gives with a new FILE.';

if (TARGET_URL === undefined) throw new Error('Set TARGET_URL to the address below which the service keeps calls.');
const client = new MongoClient(MONGODB_URI);
try {
  await follow(client.db(MONGODB_DATABASE).collection('calls'));
} catch (error) {
  process.exitCode = 1;
  console.error(TOKEN_IS_LOST.includes(error.code) ? `${error.message}. ${START_OVER}` : error.message);
} finally {
  await client.close();
}

/** Sends changes until something fails. The token of a change is kept after it was sent: no crash can skip one. */
async function follow(calls) {
  let kept = await readToken();
  const after = kept === null ? {} : { startAfter: BSON.EJSON.parse(kept) };
  const stream = calls.watch([], { fullDocument: 'updateLookup', ...after });
  for (let isFirst = true; ; isFirst = false) {
    const change = await stream.tryNext(); // null after a second without changes
    if (change !== null) await send(change);
    // It moves without changes too, so that a quiet week does not make it too old.
    const token = BSON.EJSON.stringify(stream.resumeToken);
    if (token !== kept) await keepToken(token);
    kept = token;
    if (isFirst) console.error(`Following the changes of ${calls.namespace}`);
  }
}

/** Sends the call as it is now. It may be sent again after a crash, so the service must replace what it has. */
async function send({ operationType, documentKey, fullDocument: call }) {
  if (documentKey === undefined) throw new Error(`The calls were removed as a whole (${operationType}). ${START_OVER}`);
  // An erased call is an update to a stub. callweave deletes no document, but an operator may.
  const isErased = call == null || call.erasedAt !== undefined;
  const response = await fetch(`${TARGET_URL}/${encodeURIComponent(documentKey._id)}`, {
    signal: AbortSignal.timeout(30_000),
    ...(isErased
      ? { method: 'DELETE' }
      : { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(toBody(call)) }),
  });
  await response.body?.cancel();
  if (response.ok || (isErased && response.status === 404)) return;
  throw new Error(
    `The service answered ${response.status} for ${documentKey._id}. It is sent again at the next start.`,
  );
}

/** Returns what the service gets of a call: add the fields that yours needs. */
function toBody({ callId, account, startedAt, durationSeconds, result, revenue, updatedAt }) {
  return { callId, account, startedAt, durationSeconds, result, revenue: revenue?.toString() ?? null, updatedAt };
}

async function readToken() {
  try {
    return await readFile(tokenFile, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Replaces the file as a whole, so that no crash leaves half a token. */
async function keepToken(token) {
  await writeFile(`${tokenFile}.new`, token, { flush: true });
  await rename(`${tokenFile}.new`, tokenFile);
}
