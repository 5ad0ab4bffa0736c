// Takes `__schema` and `__type` out of what is planned: no subgraph is asked for them, and Apollo's planner, which knows
// them directly at the root, throws where a fragment holds them.
import type { DocumentNode, FieldNode } from 'graphql';
import { Kind, visit } from 'graphql';

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** The same document where there is nothing to take out. */
export function withoutIntrospection(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: ({ name }) => (name.value === '__schema' || name.value === '__type' ? null : undefined),
    SelectionSet: {
      leave: (set) => (set.selections.length === 0 ? { ...set, selections: [typename] } : undefined),
    },
  });
}
