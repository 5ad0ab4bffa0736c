// For how long, and for whom, the answer of a query may be kept: by the hints of all its fields, as Apollo's servers
// decide it (https://www.apollographql.com/docs/apollo-server/performance/caching). They look at the fields that have come
// to be answered; here the document decides, so that one policy holds whatever is skipped, and of an interface every
// implementation counts.
import type { GraphQLCompositeType, GraphQLSchema, SelectionSetNode } from 'graphql';
import { getNamedType, isAbstractType, isCompositeType, isUnionType } from 'graphql';
import { fragmentsOf } from '../protection/measure-operation.ts';
import type { ReadOperation } from '../protection/read-operation.ts';
import type { CacheHints } from './cache-hints.ts';

export interface CachePolicy {
  /** Seconds; 0: it is not kept. */
  readonly maxAge: number;
  /** For the same user alone. */
  readonly isPrivate: boolean;
  /** The services that have the fields at the root. */
  readonly services: readonly string[];
  /** The events of these services after which it is not good any more; undefined: all of them. */
  readonly topics: readonly string[] | undefined;
}

export type PolicyOf = (operation: ReadOperation) => CachePolicy;

export function cachePolicy(
  hints: CacheHints,
  { schema, document, operation }: Pick<ReadOperation, 'schema' | 'document' | 'operation'>,
): CachePolicy {
  const fragments = fragmentsOf(document);
  const seen = new Set<string>();
  let maxAge: number | undefined;
  let isPrivate = false;
  let topics: Set<string> | undefined = new Set();
  const services = new Set<string>();

  function ofField(parent: string, name: string, isRoot: boolean, target: GraphQLCompositeType | undefined): void {
    const ofType = target === undefined ? undefined : hints.ofType(target.name);
    const own = hints.ofField(parent, name);
    // A field that only inherits leaves what its type says; else what it says itself comes first.
    const age = own?.inheritMaxAge === true ? (ofType?.maxAge ?? own.maxAge) : (own?.maxAge ?? ofType?.maxAge);
    const inherits = ofType?.inheritMaxAge === true || own?.inheritMaxAge === true;
    const needsOwn = isRoot || (target !== undefined && !inherits);
    if (age !== undefined) maxAge = Math.min(maxAge ?? age, age);
    else if (needsOwn) maxAge = 0;
    if (own?.isPrivate ?? ofType?.isPrivate) isPrivate = true;
    if (isRoot) for (const service of hints.servicesOf(parent, name)) services.add(service);
    // What has a hint of its own may change with other events than what leads to it.
    if (!isRoot && age === undefined) return;
    const named = hints.topicsOf(parent, name);
    if (named === undefined) topics = undefined;
    else for (const topic of named) topics?.add(topic);
  }

  function ofSet({ selections }: SelectionSetNode, parent: GraphQLCompositeType, isRoot: boolean): void {
    for (const selection of selections) {
      if (selection.kind === 'Field') {
        const name = selection.name.value;
        const field = isUnionType(parent) ? undefined : parent.getFields()[name];
        // Of what GraphQL itself answers, such as __typename, nothing changes but with the schema.
        if (field === undefined) continue;
        const named = getNamedType(field.type);
        const target = isCompositeType(named) ? named : undefined;
        for (const type of possibleTypes(parent, name)) ofField(type, name, isRoot, target);
        if (selection.selectionSet !== undefined && target !== undefined) ofSet(selection.selectionSet, target, false);
      } else if (selection.kind === 'FragmentSpread') {
        const fragment = fragments.get(selection.name.value);
        const visit = `${selection.name.value} ${isRoot}`;
        if (fragment === undefined || seen.has(visit)) continue;
        seen.add(visit);
        ofSet(fragment.selectionSet, typeNamed(schema, fragment.typeCondition.name.value), isRoot);
      } else {
        const condition = selection.typeCondition?.name.value;
        ofSet(selection.selectionSet, condition === undefined ? parent : typeNamed(schema, condition), isRoot);
      }
    }
  }

  function possibleTypes(type: GraphQLCompositeType, field: string): readonly string[] {
    if (!isAbstractType(type)) return [type.name];
    const concrete = schema.getPossibleTypes(type).map(({ name }) => name);
    return hints.ofField(type.name, field) === undefined ? concrete : [type.name, ...concrete];
  }

  const root = schema.getRootType(operation.operation);
  if (root) ofSet(operation.selectionSet, root, true);
  return {
    maxAge: maxAge ?? 0,
    isPrivate,
    services: [...services],
    topics: topics === undefined ? undefined : [...topics].sort(),
  };
}

function typeNamed(schema: GraphQLSchema, name: string): GraphQLCompositeType {
  return schema.getType(name) as GraphQLCompositeType;
}
