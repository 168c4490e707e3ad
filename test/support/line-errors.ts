import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { JsonSchema } from '../../src/domain/document/field.js';
import { lineSchema } from '../../src/domain/document/json-schema.js';

/** Creates a reader with Ajv's defaults: an unknown keyword or format is an error. */
export function createReader(): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true });
  addFormats.default(ajv);
  return ajv;
}

function closed(schema: JsonSchema): object {
  return schema.properties === undefined ? schema : { ...schema, additionalProperties: false };
}

/** Returns the schema without room for fields that it does not describe. */
function closedSchema(): object {
  const { $defs, ...schema } = lineSchema();
  return { ...schema, $defs: Object.fromEntries(Object.entries($defs).map(([name, def]) => [name, closed(def)])) };
}

const isLine = createReader().compile(closedSchema());

/**
 * Returns in what a line of an export breaks the schema; empty if in nothing. A field that the schema does not describe
 * breaks it here, so that none is forgotten.
 */
export function lineErrors(line: unknown): string[] {
  isLine(line);
  return (isLine.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`.trim(),
  );
}
