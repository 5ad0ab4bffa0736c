// Which objects a type condition of a plan holds for, by the whole supergraph: plans name types that clients cannot see.
import type { Schema } from '@apollo/federation-internals';
import { isInterfaceType, isUnionType } from '@apollo/federation-internals';
import type { Tree } from './tree.ts';

export type TypeCondition = (typename: string) => boolean;

export interface TypeConditions {
  of(typeCondition: string): TypeCondition;
  isKnown(typename: string): boolean;
}

export function createTypeConditions(schema: Schema): TypeConditions {
  const conditions = new Map<string, TypeCondition>();
  return {
    isKnown: (typename) => schema.type(typename) !== undefined,
    of(typeCondition) {
      const known = conditions.get(typeCondition);
      if (known !== undefined) return known;
      const names = new Set([typeCondition]);
      const type = schema.type(typeCondition);
      if (type !== undefined && isInterfaceType(type))
        for (const { name } of type.allImplementations()) names.add(name);
      if (type !== undefined && isUnionType(type)) for (const { name } of type.types()) names.add(name);
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
