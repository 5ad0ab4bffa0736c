// Subgraphs in memory that make up their data: every value follows from the type, the id and the field, so that the same
// question has the same answer however often and in whatever company it is asked. Some entities are missing, some fields
// are null or fail; which ones, a seed decides.

import type { GraphQLDataSource } from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js';
import type { DocumentNode, GraphQLNamedType, GraphQLOutputType, GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import {
  execute,
  GraphQLError,
  getNamedType,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from 'graphql';
import { hashOf } from './random-source.ts';

export interface Faults {
  readonly seed: number;
  /** 0 to 1: how much goes wrong. */
  readonly rate: number;
}

export interface MadeUpSubgraph {
  readonly name: string;
  readonly sdl: string;
  /** Types that are interfaces elsewhere (`@interfaceObject`): the types that their ids may name. */
  readonly interfaceObjects?: Readonly<Record<string, readonly string[]>>;
}

interface Thing {
  readonly __typename: string;
  readonly id: string;
  readonly [field: string]: unknown;
}

/** What the made-up data depends on, beside what is asked. */
export interface MadeUpWorld {
  faults: Faults;
}

const things = 4;

export function makeUpDataSource(subgraph: MadeUpSubgraph, world: MadeUpWorld): GraphQLDataSource {
  const resolvers = referenceResolvers(subgraph, world) as GraphQLResolverMap<unknown>;
  const schema = buildSubgraphSchema({ typeDefs: parse(subgraph.sdl), resolvers });
  makeUpFields(schema, subgraph, world);
  const documents = new Map<string, DocumentNode>();
  return {
    async process({ request }) {
      const { query = '', variables = {} } = request;
      // The planner numbers the names of a named operation's fetches; which of equal ones is sent must make no difference.
      const nameless = query.replace(/^(\w+) \w+/, '$1');
      if (isFaulty(world, 40, subgraph.name, nameless.length)) throw new Error(`${subgraph.name} cannot be reached`);
      const document = documents.get(query) ?? parse(query);
      documents.set(query, document);
      const result = await execute({ schema, document, variableValues: variables as Record<string, unknown> });
      return JSON.parse(JSON.stringify(result));
    },
  } as GraphQLDataSource;
}

function isFaulty({ faults }: MadeUpWorld, oneIn: number, ...words: readonly (string | number)[]): boolean {
  return faults.rate > 0 && hashOf(faults.seed, ...words) % Math.ceil(oneIn / faults.rate) === 0;
}

type Reference = { readonly __typename: string; readonly id?: string; readonly upc?: string };

function referenceResolvers({ sdl, interfaceObjects }: MadeUpSubgraph, world: MadeUpWorld) {
  const resolvers: Record<string, Record<string, unknown>> = {};
  const resolve = (reference: Reference): Thing | null => {
    const id = reference.id ?? String(reference.upc).slice('upc-'.length);
    if (isFaulty(world, 9, 'missing', id)) return null;
    if (isFaulty(world, 15, 'reference', id)) throw new Error(`reference to ${id}`);
    const isOfInterface = !(reference.__typename in (interfaceObjects ?? {}));
    return { ...reference, id, __typename: isOfInterface ? typeOfId(id) : reference.__typename };
  };
  for (const [, name = ''] of sdl.matchAll(/^\s*(?:type|interface) (\w+)[^{]*@key/gm)) {
    resolvers[name] = { __resolveReference: resolve };
  }
  return resolvers;
}

const typeOfId = (id: string) => id.split('-')[0] ?? '';

function makeUpFields(schema: GraphQLSchema, subgraph: MadeUpSubgraph, world: MadeUpWorld): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isAbstractType(type)) type.resolveType = (thing) => (thing as Thing).__typename;
    if (!isObjectType(type) || type.name.startsWith('_')) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.name.startsWith('_')) continue;
      field.resolve = (parent: Thing | undefined, args, _context, info) => {
        const given = parent?.[field.name];
        if (given !== undefined && field.name !== 'id') return given;
        return makeUpValue(parent, args, info, subgraph, world);
      };
    }
  }
}

function makeUpValue(
  parent: Thing | undefined,
  args: Record<string, unknown>,
  { parentType, fieldName, returnType, schema }: GraphQLResolveInfo,
  subgraph: MadeUpSubgraph,
  world: MadeUpWorld,
): unknown {
  const owner = parent?.id ?? 'root';
  if (fieldName === 'id') return parent?.id ?? `${parentType.name}-0`;
  if (fieldName === 'upc') return `upc-${owner}`;
  const words = [owner, fieldName, JSON.stringify(args)];
  if (isFaulty(world, 25, 'error', ...words)) {
    const extensions = hashOf(...words) % 2 === 0 ? { code: 'MADE_UP' } : {};
    throw new GraphQLError(`${owner}.${fieldName} has failed`, { extensions });
  }
  // What was required of other subgraphs shows in the value, so that it is seen to have come.
  const required = requiredNames(subgraph.sdl, fieldName).flatMap((name) => JSON.stringify(parent?.[name] ?? null));
  const seed = hashOf(...words, ...required);
  const make = (type: GraphQLOutputType, at: number): unknown => {
    if (isNonNullType(type)) return make(type.ofType, at);
    if (isFaulty(world, 12, 'null', at, ...words)) return null;
    if (isListType(type)) {
      const length = hashOf(at, 'length') % 4;
      return Array.from({ length }, (_, n) => make(type.ofType, hashOf(at, n)));
    }
    return makeUpNamed(getNamedType(type), at, schema, subgraph);
  };
  return make(returnType, seed);
}

/** All names that stand in the `@requires` of a field. */
function requiredNames(sdl: string, fieldName: string): readonly string[] {
  const [, fields = ''] = new RegExp(`\\b${fieldName}: [\\w!]+ @requires\\(fields: "([^"]*)"`).exec(sdl) ?? [];
  return fields.match(/\w+/g) ?? [];
}

function makeUpNamed(type: GraphQLNamedType, seed: number, schema: GraphQLSchema, subgraph: MadeUpSubgraph): unknown {
  if (isEnumType(type)) return type.getValues()[seed % type.getValues().length]?.value;
  if (isAbstractType(type) || isObjectType(type)) {
    const possible = isAbstractType(type)
      ? schema.getPossibleTypes(type).map(({ name }) => name)
      : (subgraph.interfaceObjects?.[type.name] ?? [type.name]);
    const own = possible[seed % possible.length] ?? type.name;
    return { __typename: isObjectType(type) ? type.name : own, id: `${own}-${hashOf(seed, own) % things}` };
  }
  switch (type.name) {
    case 'Int':
      return seed % 100;
    case 'Float':
      return (seed % 100) / 4;
    case 'Boolean':
      return seed % 2 === 0;
    case 'String':
    case 'ID':
      return seed % 7 === 0 ? `"quoted" \\ ${seed % 10} é \u2028` : `text ${seed % 10}`;
    default:
      // A custom scalar may be anything.
      return [`scalar ${seed % 10}`, { deep: [seed % 10, null], constructor: 'x' }, seed % 10, true][seed % 4];
  }
}
