// How large an operation is, by its text alone: one pass over the document, each fragment measured once and counted where
// it is used. Whether it fits the schema is not known yet; what is too large is refused before anybody looks.
import type {
  DirectiveNode,
  DocumentNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import { Kind } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import type { OperationLimits } from '../../platform/protection-config.ts';

export interface OperationSize {
  /** Levels of fields. */
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Of different names in the answer. */
  readonly rootFields: number;
  /** Fields and fragments between one pair of braces, at most. */
  readonly selections: number;
  /** Directives at one place, at most. */
  readonly directivesAtOnce: number;
}

type Part = Omit<OperationSize, 'rootFields'>;

/** No place of an honest operation has as many; a client cannot be told of a name of a setting for them. */
const mostSelections = 300;
const mostDirectivesAtOnce = 5;
/** Fragments that use each other: above this they are as good as nested without end. */
const mostOpenFragments = 100;

const nothing: Part = { depth: 0, aliases: 0, directives: 0, selections: 0, directivesAtOnce: 0 };
const endless: Part = { ...nothing, depth: Number.POSITIVE_INFINITY };

/**
 * Refuses a document when one of its operations, or a fragment even if unused, is larger than the limits:
 * OPERATION_TOO_LARGE, with the limit, its value and what was counted.
 */
export function checkDocumentSize(document: DocumentNode, limits: OperationLimits): void {
  const measure = createMeasure(fragmentsOf(document));
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) checkSize(measure.operation(definition), limits);
    // Validation looks at those that nothing uses, too.
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      checkSize({ ...measure.fragment(definition.name.value), rootFields: 0 }, limits);
    }
  }
}

function checkSize(size: OperationSize, limits: OperationLimits): void {
  const checks = [
    ['depth', size.depth, limits.depth, 'levels of nesting'],
    ['aliases', size.aliases, limits.aliases, 'aliases'],
    ['rootFields', size.rootFields, limits.rootFields, 'fields at its root'],
    ['directives', size.directives, limits.directives, 'directives'],
    ['selections', size.selections, mostSelections, 'fields at one place'],
    ['directivesAtOnce', size.directivesAtOnce, mostDirectivesAtOnce, 'directives at one place'],
  ] as const;
  for (const [limit, found, most, what] of checks) {
    if (found > most) throw tooLarge(limit, { most, found }, what);
  }
}

/** The refusal for a limit. `found` stays away where it was not counted to the end. */
export function tooLarge(
  limit: string,
  { most, found }: { readonly most: number; readonly found?: number },
  what: string,
): AppError {
  const counted = found !== undefined && Number.isFinite(found) ? { found } : {};
  const has = 'found' in counted ? `, and this one has ${counted.found}` : '';
  const message = `An operation has at most ${most} ${what}${has}.`;
  return new AppError('OPERATION_TOO_LARGE', message, { field: 'query', limit, most, ...counted });
}

interface Measure {
  operation(operation: OperationDefinitionNode): OperationSize;
  fragment(name: string): Part;
}

export function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>): Measure {
  const measured = new Map<string, Part>();
  const open = new Set<string>();

  const ofSet = ({ selections }: SelectionSetNode): Part => {
    let sum: Part = { ...nothing, selections: selections.length };
    for (const selection of selections) sum = added(sum, ofSelection(selection));
    return sum;
  };
  const ofSelection = (selection: SelectionNode): Part => {
    const own = ofDirectives(selection.directives);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return added(own, ofFragment(selection.name.value));
    if (selection.kind === Kind.INLINE_FRAGMENT) return added(own, ofSet(selection.selectionSet));
    const inner = selection.selectionSet === undefined ? nothing : ofSet(selection.selectionSet);
    const field = { ...own, depth: 1 + inner.depth, aliases: selection.alias === undefined ? 0 : 1 };
    return added(field, { ...inner, depth: 0 });
  };
  const ofFragment = (name: string): Part => {
    const known = measured.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    // That there is no such fragment, or a circle of them, is what validation says.
    if (fragment === undefined || open.has(name)) return nothing;
    if (open.size >= mostOpenFragments) return endless;
    open.add(name);
    const part = added(ofDirectives(fragment.directives), ofSet(fragment.selectionSet));
    open.delete(name);
    measured.set(name, part);
    return part;
  };

  return {
    operation(operation) {
      let whole = added(ofDirectives(operation.directives), ofSet(operation.selectionSet));
      for (const { directives } of operation.variableDefinitions ?? []) whole = added(whole, ofDirectives(directives));
      return { ...whole, rootFields: rootFieldsOf(operation, fragments).size };
    },
    fragment: ofFragment,
  };
}

function ofDirectives(directives: readonly DirectiveNode[] | undefined): Part {
  const count = directives?.length ?? 0;
  return count === 0 ? nothing : { ...nothing, directives: count, directivesAtOnce: count };
}

function added(one: Part, other: Part): Part {
  return {
    depth: Math.max(one.depth, other.depth),
    aliases: one.aliases + other.aliases,
    directives: one.directives + other.directives,
    selections: Math.max(one.selections, other.selections),
    directivesAtOnce: Math.max(one.directivesAtOnce, other.directivesAtOnce),
  };
}

/** What the answer has at its root: its name there → the name of the field. */
export function rootFieldsOf(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const seen = new Set<string>();
  const sets: SelectionSetNode[] = [operation.selectionSet];
  for (let set = sets.pop(); set !== undefined; set = sets.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) fields.set((selection.alias ?? selection.name).value, selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) sets.push(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) sets.push(fragment.selectionSet);
      }
    }
  }
  return fields;
}

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
    ),
  );
}
