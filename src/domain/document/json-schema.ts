import { LINES, SCHEMA_VERSION } from './exported-line.js';
import { type Fields, isOptional, type JsonSchema, type Shape } from './field.js';

/** The JSON Schema of a line of an export in NDJSON. */
export interface LineSchema {
  readonly $schema: string;
  readonly $id: string;
  readonly title: string;
  readonly description: string;
  readonly oneOf: readonly JsonSchema[];
  readonly $defs: Readonly<Record<string, JsonSchema & { readonly oneOf?: readonly JsonSchema[] }>>;
}

const DESCRIPTION =
  'A line of `callweave export` in NDJSON: a call, or an erased call. The fields named here are always there unless ' +
  'they are not required. A reader should accept fields that are not named here: a later version may have more.';

/** Returns the schema of an exported document, with and without transcripts, made from the table of its fields. */
export function lineSchema(): LineSchema {
  const { calls, erasure } = LINES;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:callweave:call:${SCHEMA_VERSION}`,
    title: 'ExportedLine',
    description: DESCRIPTION,
    oneOf: [{ $ref: '#/$defs/ExportedCall' }, referenceTo(erasure)],
    $defs: {
      ExportedCall: { description: 'A call of any source: `source` tells which.', oneOf: calls.map(referenceTo) },
      ...Object.fromEntries(shapesOf([...calls, erasure]).map((shape) => [shape.name, schemaOf(shape)])),
    },
  };
}

function referenceTo({ name }: Shape<Fields>): JsonSchema {
  return { $ref: `#/$defs/${name}` };
}

function schemaOf({ description, fields }: Shape<Fields>): JsonSchema {
  const named = Object.entries(fields);
  return {
    description,
    type: 'object',
    properties: Object.fromEntries(named.map(([name, { schema }]) => [name, schema])),
    required: named.flatMap(([name, field]) => (isOptional(field) ? [] : [name])),
  };
}

/** Returns these shapes and all that they refer to, each once. */
function shapesOf(shapes: readonly Shape<Fields>[], seen = new Map<string, Shape<Fields>>()): Shape<Fields>[] {
  for (const shape of shapes) {
    if (seen.has(shape.name)) continue;
    seen.set(shape.name, shape);
    shapesOf(
      Object.values(shape.fields).flatMap((field) => field.shapes),
      seen,
    );
  }
  return [...seen.values()];
}
