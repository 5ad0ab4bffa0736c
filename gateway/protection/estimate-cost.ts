// What an operation costs at most, estimated before it runs: every object counts one, multiplied by the sizes of the lists
// around it. One pass; each fragment is estimated once for each size that it is used with.
import type { DocumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, ValueNode } from 'graphql';
import { Kind, valueFromASTUntyped } from 'graphql';
import { AppError } from '../../platform/errors.ts';
import type { CostRules, FieldRule, InputRule } from './cost-rules.ts';
import { fragmentsOf } from './measure-operation.ts';

/** What a mutation costs besides its answer: it writes, and tells everybody who follows. */
const mutationCost = 10;
/** Of a list of which nothing is told. */
const assumedListSize = 10;
/** The whole schema, and one type of it: answered by the gateway alone, whatever is asked of them. */
const introspectionCosts: ReadonlyMap<string, number> = new Map([
  ['__typename', 0],
  ['__type', 50],
  ['__schema', 1_000],
]);

export interface Costed {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** How many items the lists have that a field around them sizes. */
interface Sizes {
  readonly fields: readonly string[];
  readonly size: number;
}

const rootTypes = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;
const unsized: Sizes = { fields: [], size: 0 };

/**
 * The cost of a query or mutation, or of one event of a subscription. The operation must be valid, its variables need not
 * be. Conditions (`@skip`, `@include`) count as if everything was wanted.
 * BAD_USER_INPUT where `@listSize` wants exactly one of several arguments.
 */
export function estimateCost(rules: CostRules, { document, operation, variables }: Costed): number {
  const fragments = fragmentsOf(document);
  const known = new Map<string, number>();
  const given = variablesOf(operation, variables);

  const ofSet = ({ selections }: SelectionSetNode, type: string, sizes: Sizes): number => {
    let sum = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) sum += ofField(selection, type, sizes);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) sum += ofFragment(selection.name.value, sizes);
      else sum += ofSet(selection.selectionSet, selection.typeCondition?.name.value ?? type, sizes);
    }
    return sum;
  };
  const ofFragment = (name: string, sizes: Sizes): number => {
    const key = `${name} ${sizes.size} ${sizes.fields.join()}`;
    const cost = known.get(key);
    const fragment = fragments.get(name);
    if (cost !== undefined || fragment === undefined) return cost ?? 0;
    const found = ofSet(fragment.selectionSet, fragment.typeCondition.name.value, sizes);
    known.set(key, found);
    return found;
  };
  const ofField = (field: FieldNode, type: string, around: Sizes): number => {
    const name = field.name.value;
    const rule = rules.field(type, name);
    if (rule === undefined) return introspectionCosts.get(name) ?? 0;
    const size = rule.list === undefined ? undefined : sliceSize(field, rule, given);
    const sizesOthers = rule.list !== undefined && rule.list.sizedFields.length > 0;
    const inner = sizesOthers ? { fields: rule.list?.sizedFields ?? [], size: size ?? assumedListSize } : unsized;
    const one =
      (type === rootTypes.mutation ? mutationCost : 0) +
      (rule.weight ?? rules.weightOf(rule.type)) +
      (field.selectionSet === undefined ? 0 : ofSet(field.selectionSet, rule.type, inner));
    const times = around.fields.includes(name)
      ? around.size
      : rule.isList && !sizesOthers
        ? (size ?? assumedListSize)
        : 1;
    return times * one + argumentCost(rules, field, rule, given);
  };

  return Math.max(0, ofSet(operation.selectionSet, rootTypes[operation.operation], unsized));
}

type Variables = Readonly<Record<string, unknown>>;

/** Those of the request, and the defaults of those that it leaves out. */
function variablesOf({ variableDefinitions = [] }: OperationDefinitionNode, variables: Variables): Variables {
  const defaults = variableDefinitions.flatMap(({ variable: { name }, defaultValue }) =>
    defaultValue === undefined ? [] : [[name.value, valueFromASTUntyped(defaultValue)] as const],
  );
  return defaults.length === 0 ? variables : { ...Object.fromEntries(defaults), ...variables };
}

function untyped(node: ValueNode, variables: Variables): unknown {
  return valueFromASTUntyped(node, variables as never);
}

/** The largest of the sizes asked for; undefined when nothing is told at all. */
function sliceSize(field: FieldNode, { list, arguments: known }: FieldRule, variables: Variables): number | undefined {
  if (list === undefined) return undefined;
  const sizes = list.slicingArguments.flatMap((path) => {
    const [name = '', ...rest] = path.split('.');
    const given = field.arguments?.find((argument) => argument.name.value === name);
    let value = given === undefined ? known.get(name)?.defaultValue : untyped(given.value, variables);
    for (const key of rest) value = (value as Variables | null | undefined)?.[key];
    if (Array.isArray(value)) return [value.length];
    // What is no size is refused when the operation runs.
    return typeof value === 'number' && value >= 0 ? [value] : [];
  });
  if (list.requireOne && sizes.length !== 1) {
    const names = list.slicingArguments.join(', ');
    throw new AppError('BAD_USER_INPUT', `${field.name.value}: exactly one of these is needed: ${names}.`, {
      field: list.slicingArguments[0] ?? field.name.value,
    });
  }
  return sizes.length === 0 ? list.assumedSize : Math.max(...sizes);
}

function argumentCost(rules: CostRules, field: FieldNode, rule: FieldRule, variables: Variables): number {
  let sum = 0;
  for (const { name, value } of field.arguments ?? []) {
    const input = rule.arguments.get(name.value);
    if (input === undefined) continue;
    if (input.weight === 0 && rules.weighedInput(input.type) === undefined) continue;
    sum += inputCost(rules, input, untyped(value, variables));
  }
  return sum;
}

function inputCost(rules: CostRules, { type, weight }: Pick<InputRule, 'type' | 'weight'>, value: unknown): number {
  if (value === undefined) return 0;
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item) => sum + inputCost(rules, { type, weight: 0 }, item), weight);
  }
  const fields = rules.weighedInput(type);
  if (fields === undefined || typeof value !== 'object' || value === null) return weight;
  return Object.entries(value).reduce((sum, [name, inner]) => {
    const field = fields.get(name);
    return field === undefined ? sum : sum + inputCost(rules, field, inner);
  }, weight);
}
