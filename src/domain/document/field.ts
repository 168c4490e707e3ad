import type { ColumnValue } from '../blank.js';

/** The part of JSON Schema (2020-12) that describes a document. */
export interface JsonSchema {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly format?: 'date-time';
  readonly pattern?: string;
  readonly minimum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | true;
}

/** A field of the document: its JSON form, and the type that the code has for its value. */
export interface DocumentField<Value> {
  readonly schema: JsonSchema;
  /** Shapes that the schema refers to by name. */
  readonly shapes: readonly Shape<Fields>[];
  /** Carries the type; never set. */
  readonly value?: Value;
}

interface OptionalField<Value> extends DocumentField<Value> {
  readonly isOptional: true;
}

export type Fields = Readonly<Record<string, DocumentField<unknown>>>;

/** An object of the document, with a name under which the schema and the exported types have it. */
export interface Shape<Members extends Fields> {
  readonly name: string;
  readonly description: string;
  readonly fields: Members;
}

type OptionalName<Members> = {
  [Name in keyof Members]: Members[Name] extends OptionalField<unknown> ? Name : never;
}[keyof Members];

type ValueOf<Member> = Member extends DocumentField<infer Value> ? Value : never;

/** The type of an object with these fields. */
export type ObjectOf<Members> = {
  readonly [Name in keyof Members as Exclude<Name, OptionalName<Members>>]: ValueOf<Members[Name]>;
} & {
  readonly [Name in keyof Members as Extract<Name, OptionalName<Members>>]?: ValueOf<Members[Name]>;
};

function plainField<Value>(schema: JsonSchema, shapes: DocumentField<Value>['shapes'] = []): DocumentField<Value> {
  return { schema, shapes };
}

function described(description: string, examples: readonly unknown[]): JsonSchema {
  return { description, ...(examples.length > 0 && { examples }) };
}

function undescribed({ description: _, examples: __, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

export function text(description: string, ...examples: readonly string[]): DocumentField<string> {
  return plainField({ type: 'string', ...described(description, examples) });
}

/** Makes a field for text that matches a regular expression. */
export function textLike(pattern: RegExp, description: string, ...examples: readonly string[]): DocumentField<string> {
  return plainField({ type: 'string', pattern: pattern.source, ...described(description, examples) });
}

/** Makes a field for an amount, which is a JSON number of 0 or more and may have a fraction. */
export function amount(description: string, ...examples: readonly number[]): DocumentField<number> {
  return plainField({ type: 'number', minimum: 0, ...described(description, examples) });
}

/** Makes a field for a number without bounds. */
export function score(description: string, ...examples: readonly number[]): DocumentField<number> {
  return plainField({ type: 'number', ...described(description, examples) });
}

/** Makes a field for a whole number of 0 or more. */
export function counter(description: string, ...examples: readonly number[]): DocumentField<number> {
  return plainField({ type: 'integer', minimum: 0, ...described(description, examples) });
}

export function flag(description: string, ...examples: readonly boolean[]): DocumentField<boolean> {
  return plainField({ type: 'boolean', ...described(description, examples) });
}

/** Makes a field for an instant; the export writes it in UTC with milliseconds. */
export function instant(description: string, ...examples: readonly string[]): DocumentField<Date> {
  return plainField({ type: 'string', format: 'date-time', ...described(description, examples) });
}

/** Makes a field that has always the same value. */
export function always<const Value extends string | number | boolean>(
  value: Value,
  description: string,
): DocumentField<Value> {
  return plainField({ const: value, ...described(description, []) });
}

export function choice<const Value extends string>(
  values: readonly Value[],
  description: string,
  ...examples: readonly Value[]
): DocumentField<Value> {
  return plainField({ type: 'string', enum: values, ...described(description, examples) });
}

const COLUMN_TYPES: readonly JsonSchema[] = [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }];

/** Makes a field for a value of a column, as the source stated it. */
export function columnValue(description: string, ...examples: readonly ColumnValue[]): DocumentField<ColumnValue> {
  return plainField({ anyOf: COLUMN_TYPES, ...described(description, examples) });
}

/** Makes a field for JSON of any form but null. */
export function anyJson<Value>(description: string): DocumentField<Value> {
  const nested: readonly JsonSchema[] = [{ type: 'array' }, { type: 'object', additionalProperties: true }];
  return plainField({ anyOf: [...COLUMN_TYPES, ...nested], description });
}

export function listOf<Value>(member: DocumentField<Value>, description: string): DocumentField<readonly Value[]> {
  return plainField({ type: 'array', items: undescribed(member.schema), description }, member.shapes);
}

/** Makes a field for an object whose names are those of the source. */
export function namedValues<Value>(
  member: DocumentField<Value>,
  description: string,
  ...examples: readonly object[]
): DocumentField<Readonly<Record<string, Value>>> {
  const { schema, shapes } = member;
  const additionalProperties = undescribed(schema);
  return plainField({ type: 'object', additionalProperties, ...described(description, examples) }, shapes);
}

/** Makes a field for an object that has a shape; unless described here, the field is described like its shape. */
export function shaped<const Members extends Fields>(
  shape: Shape<Members>,
  description = shape.description,
): DocumentField<ObjectOf<Members>> {
  return plainField({ $ref: `#/$defs/${shape.name}`, description }, [shape]);
}

/** Makes a field that has the value of one of two fields. */
export function either<One, Other>(
  one: DocumentField<One>,
  other: DocumentField<Other>,
  description: string,
): DocumentField<One | Other> {
  return plainField({ anyOf: [one.schema, other.schema], description }, [...one.shapes, ...other.shapes]);
}

/** Makes a field whose value may be null: unknown, or not stated by the source. */
export function orNull<Value>({ schema, shapes }: DocumentField<Value>): DocumentField<Value | null> {
  const { description = '', examples = [], ...form } = schema;
  const notes = described(description, examples);
  return typeof form.type === 'string' && form.enum === undefined
    ? plainField({ ...form, type: [form.type, 'null'], ...notes }, shapes)
    : plainField({ anyOf: [form, { type: 'null' }], ...notes }, shapes);
}

/** Makes a field that a document may lack. */
export function absentOr<Value>(field: DocumentField<Value>): OptionalField<Value> {
  return { ...field, isOptional: true };
}

/** True if a document may lack the field. */
export function isOptional(field: DocumentField<unknown>): boolean {
  return 'isOptional' in field;
}
