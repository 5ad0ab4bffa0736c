// Rewrites an operation for one combination of what @skip and @include depend on: the conditions are decided, and every
// object is asked for its type, so that none is without a selection. Apollo's planner leaves out an object of which, by
// its reckoning, nothing remains; for a mutation that would mean that it is not carried out.
import type { DocumentNode, FieldNode, SelectionNode } from 'graphql';
import { Kind, visit } from 'graphql';
import type { Conditions } from './response-fields.ts';

const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

export function decideConditions(document: DocumentNode, conditions: Conditions): DocumentNode {
  const decided = <N extends SelectionNode>(node: N): N | null => {
    for (const { name, arguments: given } of node.directives ?? []) {
      if (name.value !== 'skip' && name.value !== 'include') continue;
      const value = given?.[0]?.value;
      const isTrue =
        value?.kind === Kind.VARIABLE ? conditions.get(value.name.value) : value?.kind === Kind.BOOLEAN && value.value;
      if (isTrue === (name.value === 'skip')) return null;
    }
    const directives = (node.directives ?? []).filter(({ name }) => name.value !== 'skip' && name.value !== 'include');
    return { ...node, directives };
  };
  return visit(document, {
    Field: decided,
    InlineFragment: decided,
    FragmentSpread: decided,
    SelectionSet: { leave: (node) => ({ ...node, selections: [typename, ...node.selections] }) },
  });
}
