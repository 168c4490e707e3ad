import { CREDIRA_FIELDS } from '../credira/credira-call.js';
import { INVOCA_FIELDS } from '../invoca/invoca-call.js';
import { EXPORTED_TRANSCRIPT, type TranscriptState } from '../transcripts/transcript.js';
import { SOURCES } from '../call.js';
import { always, choice, counter, instant, orNull, shaped, text, textLike, type ObjectOf } from './field.js';

/** The version of the document's structure. A change of it needs a new number. */
export const SCHEMA_VERSION = 1;

const IDENTITY_FIELDS = {
  _id: textLike(/^[a-z0-9-]{1,40}:./, 'Id of the document: `<account>:<call id>`.', 'invoca:7F3A-1C9E5B20D4A8'),
  account: textLike(/^[a-z0-9-]{1,40}$/, 'Name of the account in the settings.', 'invoca'),
  callId: text('Id of the call at the source.', '7F3A-1C9E5B20D4A8'),
};

const HEAD_FIELDS = {
  _id: IDENTITY_FIELDS._id,
  schemaVersion: always(SCHEMA_VERSION, 'Version of the structure of the document.'),
  account: IDENTITY_FIELDS.account,
  source: choice(SOURCES, 'API that the call came from.', 'invoca'),
  callId: IDENTITY_FIELDS.callId,
};

const TAIL_FIELDS = {
  revision: counter('Rises by one with every change of the merged fields, and only then.', 7),
  createdAt: instant('Time at which the document was made.', '2024-05-02T17:00:00.000Z'),
  updatedAt: instant(
    'Time of the last change of the merged fields, or of the transcript as readers see it.',
    '2024-05-02T17:05:00.000Z',
  ),
};

/** Fields that the store adds to the merged call. */
export type Bookkeeping = ObjectOf<typeof HEAD_FIELDS & typeof TAIL_FIELDS> & { readonly transcript: TranscriptState };

/** Fields that only the documents of Credira's calls have. */
const DETAILS_FIELDS = {
  detailsAskedAt: orNull(
    instant('Time at which its details, which the list of calls lacks, were asked for; null if never.'),
  ),
};
export type CrediraBookkeeping = ObjectOf<typeof DETAILS_FIELDS>;

const EXPORTED_TAIL = { transcript: shaped(EXPORTED_TRANSCRIPT), ...TAIL_FIELDS };

const INVOCA_CALL = {
  name: 'InvocaCall',
  description: 'A call of Invoca.',
  fields: {
    ...HEAD_FIELDS,
    source: always('invoca', 'API that the call came from.'),
    ...INVOCA_FIELDS,
    ...EXPORTED_TAIL,
  },
};

const CREDIRA_CALL = {
  name: 'CrediraCall',
  description: 'A call of Credira.',
  fields: {
    ...HEAD_FIELDS,
    source: always('credira', 'API that the call came from.'),
    ...CREDIRA_FIELDS,
    ...DETAILS_FIELDS,
    ...EXPORTED_TAIL,
  },
};

const ERASURE = {
  name: 'ExportedErasure',
  description: 'What is left of a call after a privacy request: erase your copy of it.',
  fields: {
    ...IDENTITY_FIELDS,
    erased: always(true, 'True, and only here: a call has no such field.'),
    erasedAt: instant('Time of the erasure.', '2024-06-02T17:05:00.000Z'),
    updatedAt: instant('Time of the erasure, as a reader that follows changes sees it.', '2024-06-02T17:05:00.000Z'),
  },
};

export type ErasedLine = ObjectOf<typeof ERASURE.fields>;

/** Every form that a line of an export has: the calls of each source, and an erased call. */
export const LINES = { calls: [INVOCA_CALL, CREDIRA_CALL], erasure: ERASURE };
