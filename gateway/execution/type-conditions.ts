// Which objects a type condition of a plan holds for, by the whole supergraph: plans name types that clients cannot see.
import type { GraphQLSchema } from 'graphql';
import { isAbstractType } from 'graphql';
import type { Tree } from './tree.ts';

export type TypeCondition = (typename: string) => boolean;

export interface TypeConditions {
  of(typeCondition: string): TypeCondition;
  isKnown(typename: string): boolean;
}

export function createTypeConditions(schema: GraphQLSchema): TypeConditions {
  const conditions = new Map<string, TypeCondition>();
  return {
    isKnown: (typename) => schema.getType(typename) !== undefined,
    of(typeCondition) {
      const known = conditions.get(typeCondition);
      if (known !== undefined) return known;
      const names = new Set([typeCondition]);
      const type = schema.getType(typeCondition);
      if (isAbstractType(type)) {
        for (const { name } of schema.getPossibleTypes(type)) names.add(name);
        if ('getInterfaces' in type) for (const { name } of schema.getImplementations(type).interfaces) names.add(name);
      }
      const condition = (typename: string) => names.has(typename);
      conditions.set(typeCondition, condition);
      return condition;
    },
  };
}

/** Undefined where a subgraph was not asked for it. */
export function typenameOf(tree: Tree): string | undefined {
  const typename = tree.__typename;
  return typeof typename === 'string' && typename !== '' ? typename : undefined;
}
