// Writers of leaves: a scalar or a value of an enumeration as JSON text. A value that the type does not have is a fault,
// also one of an enumeration that clients must not see; of a custom scalar every value is one.
import type { EnumType, ScalarType, Schema } from '@apollo/federation-internals';
import { isCustomScalarType, isEnumType } from '@apollo/federation-internals';
import { quote, writeJson } from './json-text.ts';

/** Undefined: the value does not fit. Never called with null. */
export type WriteLeaf = (value: unknown) => string | undefined;

const integer = /^-?(?:0|[1-9]\d*)$/;

export function leafWriter(type: ScalarType | EnumType, schema: Schema): WriteLeaf {
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.values.map(({ name }) => [name, JSON.stringify(name)]));
    return (value) => texts.get(value);
  }
  if (isCustomScalarType(type)) return writeJson;
  switch (type) {
    case schema.booleanType():
      return (value) => (typeof value === 'boolean' ? String(value) : undefined);
    case schema.intType():
      return writeInteger;
    case schema.floatType():
      return (value) => (typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined);
    case schema.idType():
      return (value) => (typeof value === 'string' ? quote(value) : writeInteger(value));
    default:
      return (value) => (typeof value === 'string' ? quote(value) : undefined);
  }
}

function writeInteger(value: unknown): string | undefined {
  if (typeof value !== 'number') return undefined;
  const text = String(value);
  return integer.test(text) ? text : undefined;
}
