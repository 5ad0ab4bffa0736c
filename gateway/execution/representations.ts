// Writes the representation of an entity that a fetch requires: as JSON text, which is at the same time the key by which
// equal representations are found. Compiled once from the selections of the plan.
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { writeJson } from './json-text.ts';
import type { Tree } from './tree.ts';
import { getOwn, isTree, mergeInto, setOwn } from './tree.ts';
import type { TypeConditions } from './type-conditions.ts';
import { typenameOf } from './type-conditions.ts';

type Selections = readonly QueryPlanSelectionNode[];

/** Null: something that is required was not fetched, so that the entity is left out. */
type Write = (entity: Tree) => string | null;

export function compileRepresentation(requires: Selections, types: TypeConditions): Write {
  const write = compileSelections(requires, types);
  return (entity) => {
    const text = write(entity);
    // No type condition holds for this entity.
    return text === '{}' ? null : text;
  };
}

function compileSelections(selections: Selections, types: TypeConditions): Write {
  if (selections.every(({ kind }) => kind === 'Field')) return compileFields(selections, types);
  // Which fragments apply is found out once for each type; nearly always it is one.
  const known = new Map<string | undefined, Write>();
  return (entity) => {
    const typename = typenameOf(entity);
    const write = known.get(typename) ?? compileForType(selections, typename, types);
    if (typename === undefined || types.isKnown(typename)) known.set(typename, write);
    return write(entity);
  };
}

function compileForType(selections: Selections, typename: string | undefined, types: TypeConditions): Write {
  const applicable = selections.filter((one) => one.kind === 'Field' || applies(one, typename, types));
  const [only] = applicable;
  if (only === undefined) return () => '{}';
  if (applicable.length === 1 && only.kind === 'InlineFragment') {
    const write = compileSelections(only.selections, types);
    return (entity) => write(entity) ?? '{}';
  }
  return (entity) => {
    const representation = select(entity, selections, types);
    return representation === null ? null : JSON.stringify(representation);
  };
}

function applies(
  fragment: Extract<QueryPlanSelectionNode, { kind: 'InlineFragment' }>,
  typename: string | undefined,
  types: TypeConditions,
): boolean {
  return fragment.typeCondition !== undefined && typename !== undefined && types.of(fragment.typeCondition)(typename);
}

function compileFields(selections: Selections, types: TypeConditions): Write {
  const fields = selections.map((field, at) => {
    if (field.kind !== 'Field') throw new TypeError('only fields are compiled here');
    const name = field.alias ?? field.name;
    const inner = field.selections === undefined ? undefined : compileSelections(field.selections, types);
    return { name, prefix: `${at === 0 ? '' : ','}${JSON.stringify(name)}:`, inner };
  });
  return (entity) => {
    let text = '{';
    for (const { name, prefix, inner } of fields) {
      const value = getOwn(entity, name);
      if (value === undefined) return null;
      text += prefix + (inner === undefined ? writeJson(value) : writeInner(value, inner));
    }
    return `${text}}`;
  };
}

function writeInner(value: unknown, write: Write): string {
  if (Array.isArray(value)) return `[${value.map((element) => writeInner(element, write)).join(',')}]`;
  return isTree(value) ? (write(value) ?? 'null') : 'null';
}

/** The slow way, for where several fragments say something about the same object. */
function select(entity: Tree, selections: Selections, types: TypeConditions): Tree | null {
  const selected: Tree = {};
  for (const selection of selections) {
    if (selection.kind === 'Field') {
      const name = selection.alias ?? selection.name;
      const value = getOwn(entity, name);
      if (value === undefined) return null;
      const { selections: inner } = selection;
      setOwn(selected, name, inner === undefined ? value : selectInner(value, inner, types));
    } else if (applies(selection, typenameOf(entity), types)) {
      const inner = select(entity, selection.selections, types);
      if (inner !== null) mergeInto(selected, inner);
    }
  }
  return selected;
}

function selectInner(value: unknown, selections: Selections, types: TypeConditions): unknown {
  if (Array.isArray(value)) return value.map((element) => selectInner(element, selections, types));
  return isTree(value) ? select(value, selections, types) : null;
}
