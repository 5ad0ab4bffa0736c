// Compares an operation with its plan. Apollo's planner leaves out what it finds no way to, and says nothing; the answer
// would have a null that no service has given. A fragment on a type that cannot come where it stands is left out rightly:
// such are not looked into unless the plan asks for something of the type.
import type { CompositeType, Operation, OperationElement, SelectionSet, Type } from '@apollo/federation-internals';
import { baseType, isCompositeType, isSubtype, Variable } from '@apollo/federation-internals';
import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import { Kind, parse } from 'graphql';

export interface LeftOut {
  /** `Type.field`. */
  readonly coordinate: string;
  readonly path: string;
}

/** What a plan fetches at a place of the answer. */
interface Fetched {
  readonly fields: Map<string, Fetched>;
  /** Types that fragments name here. */
  readonly types: Set<string>;
}

export function findLeftOut(operation: Operation, plan: QueryPlan): LeftOut | undefined {
  const fetched = nothing();
  if (plan.node?.kind === 'Subscription') {
    addNode(plan.node.primary, fetched);
    addNode(plan.node.rest, fetched);
  } else {
    addNode(plan.node, fetched);
  }
  const root = operation.schema().schemaDefinition.rootType(operation.rootKind);
  if (root === undefined) return undefined;
  return search(operation.selectionSet, fetched, { parent: root, path: [], decided: new Map(), isNarrowed: false });
}

interface Place {
  readonly parent: CompositeType;
  readonly path: readonly string[];
  /** What variables must be for the place to be reached. */
  readonly decided: ReadonlyMap<string, boolean>;
  /** Inside a fragment that holds for some objects only. */
  readonly isNarrowed: boolean;
}

function search(set: SelectionSet, fetched: Fetched, place: Place): LeftOut | undefined {
  for (const selection of set.selections()) {
    const decided = decide(selection.element, place.decided);
    if (decided === undefined) continue;
    const found =
      selection.kind === 'FieldSelection'
        ? searchField(selection, fetched, { ...place, decided })
        : searchFragment(selection.element.typeCondition, selection.selectionSet, fetched, { ...place, decided });
    if (found !== undefined) return found;
  }
  return undefined;
}

function searchField(
  { element, selectionSet }: Extract<ReturnType<SelectionSet['selections']>[number], { kind: 'FieldSelection' }>,
  fetched: Fetched,
  place: Place,
): LeftOut | undefined {
  if (element.name.startsWith('__')) return undefined;
  const path = [...place.path, element.responseName()];
  const inner = fetched.fields.get(element.responseName());
  if (inner === undefined) return { coordinate: element.definition.coordinate, path: path.join('.') };
  const parent = baseType(element.definition.type as Type);
  return selectionSet !== undefined && isCompositeType(parent)
    ? search(selectionSet, inner, { ...place, parent, path })
    : undefined;
}

function searchFragment(
  typeCondition: CompositeType | undefined,
  set: SelectionSet,
  fetched: Fetched,
  place: Place,
): LeftOut | undefined {
  if (typeCondition === undefined || isSubtype(typeCondition, place.parent)) return search(set, fetched, place);
  // Below two conditions, a path of the plan no longer tells which objects it is about.
  if (place.isNarrowed || !fetched.types.has(typeCondition.name)) return undefined;
  return search(set, fetched, { ...place, parent: typeCondition, isNarrowed: true });
}

/** Undefined where the selection is never reached. */
function decide(
  element: OperationElement,
  before: ReadonlyMap<string, boolean>,
): ReadonlyMap<string, boolean> | undefined {
  const decided = new Map(before);
  for (const directive of element.appliedDirectives) {
    if (directive.name !== 'skip' && directive.name !== 'include') continue;
    const wanted = directive.name === 'include';
    const condition: unknown = directive.arguments().if;
    if (condition instanceof Variable) {
      if (decided.get(condition.name) === !wanted) return undefined;
      decided.set(condition.name, wanted);
    } else if (condition !== wanted) return undefined;
  }
  return decided;
}

function nothing(): Fetched {
  return { fields: new Map(), types: new Set() };
}

function addNode(node: PlanNode | undefined, at: Fetched): void {
  switch (node?.kind) {
    case 'Sequence':
    case 'Parallel':
      for (const one of node.nodes) addNode(one, at);
      break;
    case 'Flatten':
      addNode(
        node.node,
        node.path.reduce<Fetched>((place, step) => (step === '@' ? place : within(place, step)), at),
      );
      break;
    case 'Condition':
      addNode(node.ifClause, at);
      addNode(node.elseClause, at);
      break;
    case 'Fetch':
      addFetch(node, at);
      break;
    default:
  }
}

function within(at: Fetched, step: string | number): Fetched {
  const name = String(step);
  const known = at.fields.get(name);
  if (known !== undefined) return known;
  const inner = nothing();
  at.fields.set(name, inner);
  return inner;
}

function addFetch(node: FetchNode, at: Fetched): void {
  const { definitions } = parse(node.operation);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  const add = (set: SelectionSetNode, place: Fetched): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = within(place, (selection.alias ?? selection.name).value);
        if (selection.selectionSet !== undefined) add(selection.selectionSet, inner);
        continue;
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (fragment === undefined) continue;
      if (fragment.typeCondition !== undefined) place.types.add(fragment.typeCondition.name.value);
      add(fragment.selectionSet, place);
    }
  };
  for (const one of definitions) {
    if (one.kind !== Kind.OPERATION_DEFINITION) continue;
    if (node.requires === undefined) add(one.selectionSet, at);
    // The one root field is `_entities`.
    else
      for (const root of one.selectionSet.selections)
        if ('selectionSet' in root && root.selectionSet) add(root.selectionSet, at);
  }
  for (const rewrite of node.outputRewrites ?? [])
    if (rewrite.kind === 'KeyRenamer') rename(at, rewrite.path, rewrite.renameKeyTo);
}

/** What the planner has asked for under a name of its own stands under the operation's name in the end. */
function rename(at: Fetched, path: readonly string[], name: string): void {
  const steps = path.filter((step) => !step.startsWith('... on '));
  const last = steps.at(-1);
  if (last === undefined) return;
  const place = steps.slice(0, -1).reduce(within, at);
  const from = within(place, last);
  const to = within(place, name);
  for (const type of from.types) to.types.add(type);
  for (const [key, inner] of from.fields) if (!to.fields.has(key)) to.fields.set(key, inner);
}
