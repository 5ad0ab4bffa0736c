// Compiles an operation to a writer of its answer: from what was fetched, in one pass, to the JSON text of `data`. Only
// what was selected is written, in the order of the operation; a null where none may be takes its parent along.
import type {
  CompositeType,
  FieldSelection,
  Operation,
  Schema,
  SelectionSet,
  Type,
} from '@apollo/federation-internals';
import { isCompositeType, isListType, isNonNullType, isObjectType } from '@apollo/federation-internals';
import type { Conditions, ResponseField } from './response-fields.ts';
import { collectFields } from './response-fields.ts';
import type { Path, Tree } from './tree.ts';
import { getOwn, isInherited, isTree } from './tree.ts';
import { typenameOf } from './type-conditions.ts';
import { leafWriter } from './write-leaf.ts';

/** What does not fit the API, with no error of a subgraph that would explain it. */
export interface Fault {
  readonly message: string;
  readonly path: Path;
}

export interface Shaped {
  /** JSON; `null` where a null has gone all the way up. */
  readonly text: string;
  readonly faults: readonly Fault[];
}

export type Shape = (data: Tree, variables: Readonly<Record<string, unknown>>) => Shaped;

/** Answers selections of `__schema` or `__type`, all under one response name, as JSON text. */
export type WriteIntrospection = (variables: Readonly<Record<string, unknown>>) => string;

export interface ShapeParts {
  readonly operation: Operation;
  readonly apiSchema: Schema;
  readonly conditions: Conditions;
  readonly introspect: (responseName: string, selections: readonly FieldSelection[]) => WriteIntrospection;
}

interface Writing {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly faults: Fault[];
  readonly path: (string | number)[];
}

/** Text; null for a null that may be; undefined for one that stands for a fault, which is reported already. */
type Write = (value: unknown, writing: Writing) => string | null | undefined;

interface FieldWriter {
  /** With the comma before it. */
  readonly prefix: string;
  readonly isNonNull: boolean;
  write(tree: Tree, writing: Writing): string | null | undefined;
}

export function compileShape(parts: ShapeParts): Shape {
  const { operation, apiSchema } = parts;
  const rootType = apiSchema.schemaDefinition.rootType(operation.rootKind);
  if (rootType === undefined) throw new TypeError('an operation has a root');
  const fields = compileFields([operation.selectionSet], undefined, rootType, parts);
  return (data, variables) => {
    const faults: Fault[] = [];
    const text = writeFields(fields, data, { variables, faults, path: [] });
    return { text: text ?? 'null', faults };
  };
}

function writeFields(fields: readonly FieldWriter[], tree: Tree, writing: Writing): string | undefined {
  let text = '{';
  for (const field of fields) {
    const value = field.write(tree, writing);
    if (value !== null && value !== undefined) text += field.prefix + value;
    else if (field.isNonNull) return undefined;
    else text += `${field.prefix}null`;
  }
  return `${text}}`;
}

function compileFields(
  selectionSets: readonly SelectionSet[],
  typename: string | undefined,
  type: CompositeType,
  parts: ShapeParts,
): readonly FieldWriter[] {
  return collectFields(selectionSets, typename, type, parts.conditions).map((field, at) => {
    const prefix = `${at === 0 ? '' : ','}${JSON.stringify(field.responseName)}:`;
    return { prefix, ...compileField(field, typename, parts) };
  });
}

function compileField(
  field: ResponseField,
  typename: string | undefined,
  parts: ShapeParts,
): Omit<FieldWriter, 'prefix'> {
  const { responseName, selections, parentType } = field;
  const [first] = selections;
  const definition = first?.element.definition;
  if (definition === undefined) throw new TypeError('a collected field was selected');
  if (definition.isSchemaIntrospectionField()) {
    const introspect = parts.introspect(responseName, selections);
    return { isNonNull: false, write: (_tree, { variables }) => introspect(variables) };
  }
  if (definition.name === '__typename') return compileTypename(field, typename, parts.apiSchema);
  const type = definition.type as Type;
  const selectionSets = selections.flatMap(({ selectionSet }) => selectionSet ?? []);
  const write = compileValue(type, selectionSets, responseName, parentType, parts);
  const inherited = isInherited(responseName);
  return {
    isNonNull: isNonNullType(type),
    write(tree, writing) {
      const value = inherited ? getOwn(tree, responseName) : tree[responseName];
      writing.path.push(responseName);
      const text = write(value, writing);
      writing.path.pop();
      return text;
    },
  };
}

/**
 * Where the type is not known, or is an interface (which a subgraph with `@interfaceObject` takes for a type), the object
 * cannot be told: it becomes null, with no fault, as somebody else's error is the reason.
 */
function compileTypename(
  { responseName, parentType }: ResponseField,
  typename: string | undefined,
  apiSchema: Schema,
): Omit<FieldWriter, 'prefix'> {
  const textOf = (name: unknown): string | undefined => {
    const type = (typeof name === 'string' ? apiSchema.type(name) : undefined) ?? parentType;
    return isObjectType(type) ? JSON.stringify(type.name) : undefined;
  };
  const text = textOf(typename);
  if (responseName === '__typename') return { isNonNull: true, write: () => text };
  return {
    isNonNull: true,
    write(tree) {
      const own = getOwn(tree, responseName);
      return own === undefined || own === null ? text : textOf(own);
    },
  };
}

function compileValue(
  type: Type,
  selectionSets: readonly SelectionSet[],
  responseName: string,
  parentType: CompositeType,
  parts: ShapeParts,
): Write {
  const describe = (path: Path, at: Type) => {
    const last = path.at(-1);
    return typeof last === 'number'
      ? `array element of type ${at} at index ${last}`
      : `field ${parentType}.${responseName}`;
  };
  const fault = ({ faults, path }: Writing, message: string, at: Type): undefined => {
    faults.push({ message: `${message} ${describe(path, at)}.`, path: [...path] });
  };

  function compile(at: Type): Write {
    if (isNonNullType(at)) {
      const inner = compile(at.ofType);
      return (value, writing) => {
        const text = inner(value, writing);
        return text === null ? fault(writing, 'Cannot return null for non-nullable', at.ofType) : text;
      };
    }
    if (isListType(at)) return compileList(compile(at.ofType), isNonNullType(at.ofType), at);
    if (isCompositeType(at)) return compileComposite(at);
    const write = leafWriter(at as Parameters<typeof leafWriter>[0], parts.apiSchema);
    return (value, writing) => {
      if (value === null || value === undefined) return null;
      return write(value) ?? fault(writing, 'Invalid value found for', at);
    };
  }

  function compileList(write: Write, isNonNull: boolean, at: Type): Write {
    return (value, writing) => {
      if (value === null || value === undefined) return null;
      if (!Array.isArray(value)) return fault(writing, 'Invalid value found for', at);
      let text = '[';
      let isValid = true;
      for (let n = 0; n < value.length; n += 1) {
        writing.path.push(n);
        const element = write(value[n], writing);
        writing.path.pop();
        if (n > 0) text += ',';
        if (element !== null && element !== undefined) text += element;
        else if (isNonNull) isValid = false;
        else text += 'null';
      }
      return isValid ? `${text}]` : undefined;
    };
  }

  function compileComposite(at: CompositeType): Write {
    /** By type of the object. A type that clients cannot see has none. */
    const known = new Map<string | undefined, readonly FieldWriter[] | null>();
    const compileFor = (typename: string | undefined): readonly FieldWriter[] | null => {
      const objectType = typename === undefined ? at : parts.apiSchema.type(typename);
      if (objectType === undefined || !isCompositeType(objectType)) return null;
      const fields = compileFields(selectionSets, typename, objectType, parts);
      known.set(typename, fields);
      return fields;
    };
    return (value, writing) => {
      if (value === null || value === undefined) return null;
      if (!isTree(value)) return fault(writing, 'Invalid value found for', at);
      const typename = typenameOf(value);
      const fields = known.get(typename) ?? compileFor(typename);
      // The name of the type stays untold: it may be one that clients must not see.
      if (fields === null) return fault(writing, 'Invalid __typename found for object at', at);
      return writeFields(fields, value, writing);
    };
  }

  return compile(type);
}
