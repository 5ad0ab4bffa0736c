// What fields cost, read from a supergraph: the directives `@cost` and `@listSize`, as Federation 2.9 takes them over from
// IBM's specification of the cost of GraphQL (https://ibm.github.io/graphql-specs/cost-spec.html).
import type { ConstDirectiveNode, FieldDefinitionNode, InputValueDefinitionNode, TypeNode } from 'graphql';
import { Kind, parse, valueFromASTUntyped } from 'graphql';
import { argumentsOf } from '../directive-arguments.ts';

export interface ListRule {
  readonly assumedSize: number | undefined;
  /** Arguments that say how many there are at most, as paths: `first`, `input.first`. */
  readonly slicingArguments: readonly string[];
  /** The fields of the answer that hold the list; none: the field itself does. */
  readonly sizedFields: readonly string[];
  readonly requireOne: boolean;
}

export interface InputRule {
  readonly type: string;
  readonly weight: number;
  readonly defaultValue: unknown;
}

export interface FieldRule {
  readonly type: string;
  readonly isList: boolean;
  /** Undefined: as its type. */
  readonly weight: number | undefined;
  readonly list: ListRule | undefined;
  readonly arguments: ReadonlyMap<string, InputRule>;
}

type Fields<Rule> = ReadonlyMap<string, Rule>;

export interface CostRules {
  field(type: string, name: string): FieldRule | undefined;
  /** Of one value: 1 for what has fields, 0 for what has none, unless `@cost` says otherwise. */
  weightOf(type: string): number;
  /** The fields of an input type of which at least one, at any depth, has a weight. */
  weighedInput(type: string): Fields<InputRule> | undefined;
}

export function readCostRules(supergraphSdl: string): CostRules {
  const fields = new Map<string, Fields<FieldRule>>();
  const inputs = new Map<string, Fields<InputRule>>();
  const weights = new Map<string, number>();
  for (const node of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      fields.set(node.name.value, new Map(node.fields?.map((field) => [field.name.value, fieldRule(field)])));
      weights.set(node.name.value, costOf(node.directives) ?? 1);
    } else if (node.kind === Kind.UNION_TYPE_DEFINITION) {
      weights.set(node.name.value, 1);
    } else if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
      inputs.set(node.name.value, new Map(node.fields?.map((field) => [field.name.value, inputRule(field)])));
    } else if (node.kind === Kind.SCALAR_TYPE_DEFINITION || node.kind === Kind.ENUM_TYPE_DEFINITION) {
      weights.set(node.name.value, costOf(node.directives) ?? 0);
    }
  }
  const weighed = weighedInputs(inputs);
  return {
    field: (type, name) => fields.get(type)?.get(name),
    weightOf: (type) => weights.get(type) ?? 0,
    weighedInput: (type) => (weighed.has(type) ? inputs.get(type) : undefined),
  };
}

function fieldRule({ type, directives, arguments: given }: FieldDefinitionNode): FieldRule {
  return {
    type: namedType(type),
    isList: isList(type),
    weight: costOf(directives),
    list: listRule(directives),
    arguments: new Map(given?.map((argument) => [argument.name.value, inputRule(argument)])),
  };
}

function inputRule({ type, directives, defaultValue }: InputValueDefinitionNode): InputRule {
  return {
    type: namedType(type),
    weight: costOf(directives) ?? 0,
    defaultValue: defaultValue === undefined ? undefined : valueFromASTUntyped(defaultValue),
  };
}

function costOf(directives: readonly ConstDirectiveNode[] | undefined): number | undefined {
  const { weight } = argumentsOf(directives, 'cost') ?? {};
  return weight === undefined ? undefined : Number(weight);
}

function listRule(directives: readonly ConstDirectiveNode[] | undefined): ListRule | undefined {
  const given = argumentsOf(directives, 'listSize');
  if (given === undefined) return undefined;
  const { assumedSize, slicingArguments, sizedFields, requireOneSlicingArgument } = given;
  const names = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  return {
    assumedSize: typeof assumedSize === 'number' ? assumedSize : undefined,
    slicingArguments: names(slicingArguments),
    sizedFields: names(sizedFields),
    requireOne: requireOneSlicingArgument !== false && names(slicingArguments).length > 0,
  };
}

function weighedInputs(inputs: ReadonlyMap<string, Fields<InputRule>>): ReadonlySet<string> {
  const weighed = new Set<string>();
  for (let before = -1; before < weighed.size; ) {
    before = weighed.size;
    for (const [name, fields] of inputs) {
      if ([...fields.values()].some(({ weight, type }) => weight !== 0 || weighed.has(type))) weighed.add(name);
    }
  }
  return weighed;
}

function isList(type: TypeNode): boolean {
  return type.kind === Kind.LIST_TYPE || (type.kind === Kind.NON_NULL_TYPE && isList(type.type));
}

function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}
