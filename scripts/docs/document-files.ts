import { LINES } from '../../src/domain/document/exported-line.js';
import type { JsonSchema } from '../../src/domain/document/field.js';
import { lineSchema } from '../../src/domain/document/json-schema.js';

export function schemaFile(): string {
  return JSON.stringify(lineSchema(), null, 2);
}

/** Returns the fields of a document as Markdown: the forms of a line, then the objects inside them. */
export function fieldTables(): string {
  const { $defs } = lineSchema();
  const forms = [...LINES.calls, LINES.erasure].map(({ name }) => name);
  const inner = Object.keys($defs).filter((name) => !forms.includes(name) && $defs[name]?.properties !== undefined);
  return [...forms, ...inner].map((name) => chapter(name, $defs[name] ?? {})).join('\n\n');
}

function chapter(name: string, { description = '', properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties).map(([field, schema]) => {
    const type = required.includes(field) ? typeName(schema) : `${typeName(schema)}, may be absent`;
    const example = (schema.examples ?? []).map((value) => `\`${JSON.stringify(value)}\``).join(', ');
    return `| \`${field}\` | ${type} | ${schema.description ?? ''} | ${example} |`;
  });
  const table = ['| field | type | meaning | example |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return `### ${name}\n\n${description}\n\n${table}`;
}

/** Names the type of a field for a person: `text`, `time`, `list of Leg`. */
function typeName(schema: JsonSchema): string {
  const { $ref, const: constant, enum: choices, anyOf, items, additionalProperties, format, type } = schema;
  if ($ref !== undefined) return `[${nameIn($ref)}](#${nameIn($ref).toLowerCase()})`;
  if (constant !== undefined) return `\`${JSON.stringify(constant)}\``;
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeName))].join(' or ');
  if (items !== undefined) return `list of ${typeName(items)}`;
  if (typeof additionalProperties === 'object') return `object of ${typeName(additionalProperties)}`;
  const names = [type ?? []].flat().map((one) => (one === 'string' ? (format === undefined ? 'text' : 'time') : one));
  return names.join(' or ');
}

function nameIn(reference: string): string {
  return reference.split('/').at(-1) ?? reference;
}
