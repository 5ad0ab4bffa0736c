// Makes up valid operations over any schema: fragments, aliases, variables, conditions, repeated fields.
import type { GraphQLArgument, GraphQLCompositeType, GraphQLInputType, GraphQLSchema } from 'graphql';
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import type { RandomSource } from './random-source.ts';
import { createRandomSource } from './random-source.ts';

export interface RandomOperation {
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface OperationShape {
  readonly root: 'query' | 'mutation';
  /** Levels of fields. */
  readonly depth: number;
  /** Selections at each level. */
  readonly width: number;
}

/** Undefined where what was made up is not valid: fields may collide. */
export function makeUpOperation(
  schema: GraphQLSchema,
  seed: number,
  shape: OperationShape,
): RandomOperation | undefined {
  const operation = new OperationMaker(schema, createRandomSource(seed), shape).make();
  return validate(schema, parse(operation.source)).length === 0 ? operation : undefined;
}

const strangeNames = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
const conditions = ['yes', 'no', 'usually'];

class OperationMaker {
  readonly #schema: GraphQLSchema;
  readonly #random: RandomSource;
  readonly #shape: OperationShape;
  readonly #fragments: { name: string; type: GraphQLCompositeType; text: string }[] = [];
  readonly #definitions = new Map<string, string>();
  readonly #variables: Record<string, unknown> = {};
  #fragmentDepth = 0;
  /** Selections that may still be made: they would grow beyond measure. */
  #left = 25;

  constructor(schema: GraphQLSchema, random: RandomSource, shape: OperationShape) {
    this.#schema = schema;
    this.#random = random;
    this.#shape = shape;
  }

  make(): RandomOperation {
    const { root, depth } = this.#shape;
    const type = root === 'query' ? this.#schema.getQueryType() : this.#schema.getMutationType();
    if (!type) throw new TypeError(`the schema has no ${root}`);
    const selections = this.#selections(type, depth);
    const definitions = [...this.#definitions.values()];
    const name = this.#random.chance(0.5) ? ' Made' : '';
    const head = `${root}${name}${definitions.length > 0 ? `(${definitions.join(', ')})` : ''}`;
    const fragments = this.#fragments.map(({ name, type, text }) => `fragment ${name} on ${type.name} ${text}`);
    return { source: [`${head} ${selections}`, ...fragments].join('\n'), variables: this.#variables };
  }

  #selections(type: GraphQLCompositeType, depth: number): string {
    const count = 1 + this.#random.below(this.#shape.width);
    return `{ ${Array.from({ length: count }, () => this.#selection(type, depth)).join(' ')} }`;
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    this.#left -= 1;
    if (random.chance(0.08)) return `${random.chance(0.3) ? 'kind: ' : ''}__typename`;
    const other = depth > 0 && this.#left > 0 ? this.#fragmentType(type) : undefined;
    if (other !== undefined && random.chance(isAbstractType(type) ? 0.55 : 0.2)) {
      const condition = this.#condition();
      if (random.chance(0.4) && this.#fragmentDepth < 2) return `...${this.#fragment(other, depth)}${condition}`;
      const on = other === type && random.chance(0.5) ? '' : ` on ${other.name}`;
      return `...${on}${condition} ${this.#selections(other, depth)}`;
    }
    return this.#field(type, depth);
  }

  #field(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    const own = 'getFields' in type ? Object.values(type.getFields()) : [];
    const fields = own.filter((field) => (depth > 1 && this.#left > 0) || !isCompositeType(getNamedType(field.type)));
    if (type === this.#schema.getQueryType() && random.chance(0.03)) return introspection(random);
    if (fields.length === 0) return '__typename';
    const composite = fields.filter((field) => isCompositeType(getNamedType(field.type)));
    const field = composite.length > 0 && random.chance(0.6) ? random.pick(composite) : random.pick(fields);
    const name = random.chance(0.03) ? random.pick(strangeNames) : `${field.name}${random.below(3)}`;
    const alias = random.chance(0.25) ? `${name}: ` : '';
    const inner = getNamedType(field.type);
    const selections = isCompositeType(inner) ? ` ${this.#selections(inner, depth - 1)}` : '';
    return `${alias}${field.name}${this.#arguments(field.args)}${this.#condition()}${selections}`;
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    const known = this.#fragments.filter((fragment) => fragment.type === type);
    // Not one that is being written: it would use itself.
    const ready = known.filter(({ text }) => text !== '');
    if (ready.length > 0 && this.#random.chance(0.5)) return this.#random.pick(ready).name;
    const fragment = { name: `Part${this.#fragments.length}`, type, text: '' };
    this.#fragments.push(fragment);
    this.#fragmentDepth += 1;
    fragment.text = this.#selections(type, Math.min(depth, 2));
    this.#fragmentDepth -= 1;
    return fragment.name;
  }

  #fragmentType(type: GraphQLCompositeType): GraphQLCompositeType | undefined {
    const possible = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
    const around = isObjectType(type) ? type.getInterfaces() : [];
    return this.#random.pick<GraphQLCompositeType>([...possible, ...possible, ...around, type]);
  }

  #condition(): string {
    if (!this.#random.chance(0.12)) return '';
    const directive = this.#random.pick(['skip', 'include']);
    if (this.#random.chance(0.15)) return ` @${directive}(if: ${this.#random.chance(0.5)})`;
    const name = this.#random.pick(conditions);
    this.#definitions.set(name, name === 'usually' ? '$usually: Boolean! = true' : `$${name}: Boolean!`);
    if (name !== 'usually') this.#variables[name] = name === 'yes';
    else if (this.#random.chance(0.3)) this.#variables.usually = false;
    return ` @${directive}(if: $${name})`;
  }

  #arguments(args: readonly GraphQLArgument[]): string {
    const given = args.filter((argument) => isNonNullType(argument.type) || this.#random.chance(0.4));
    const texts = given.map((argument) => `${argument.name}: ${this.#argument(argument)}`);
    return texts.length > 0 ? `(${texts.join(', ')})` : '';
  }

  #argument({ name, type }: GraphQLArgument): string {
    if (!this.#random.chance(0.4)) return this.#literal(type);
    const variable = `${name}_${String(type).replace(/\W/g, '')}`;
    const literal = this.#literal(type);
    const value = jsonOf(literal);
    if (value === undefined) return literal;
    if (!this.#definitions.has(variable)) {
      const byDefault = this.#random.chance(0.3);
      this.#definitions.set(variable, `$${variable}: ${type}${byDefault ? ` = ${literal}` : ''}`);
      if (!byDefault || this.#random.chance(0.5)) this.#variables[variable] = value;
    }
    return `$${variable}`;
  }

  #literal(type: GraphQLInputType): string {
    const random = this.#random;
    const nullable = getNullableType(type);
    if (isListType(nullable)) return `[${this.#literal(nullable.ofType)}]`;
    if (isEnumType(nullable)) return random.pick(nullable.getValues()).name;
    if (isInputObjectType(nullable)) {
      const fields = Object.values(nullable.getFields()).filter(({ type: own }) => isNonNullType(own));
      return `{ ${fields.map((field) => `${field.name}: ${this.#literal(field.type)}`).join(', ')} }`;
    }
    switch (nullable.name) {
      case 'Int':
        return String(random.below(3));
      case 'Float':
        return `${random.below(3)}.5`;
      case 'Boolean':
        return String(random.chance(0.5));
      default:
        return `"${random.pick(['one', 'two'])}"`;
    }
  }
}

function introspection(random: RandomSource): string {
  return random.pick([
    '__schema { queryType { name } }',
    '__type(name: "Query") { kind name }',
    'type: __type(name: "Missing") { name }',
  ]);
}

/** Of what JSON and GraphQL write the same way. */
function jsonOf(literal: string): unknown {
  try {
    return JSON.parse(literal);
  } catch {
    return undefined;
  }
}
