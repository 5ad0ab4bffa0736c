// Whether a request looks at a field that is most of what an object costs to read: the data of documents, the changes of
// versions.
import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql';
import { Kind } from 'graphql';

/** True if some field below this one has the name; a field of another type may have it, too, which does no harm. */
export function selectsField(
  name: string,
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
): boolean {
  const isBelow = (set: SelectionSetNode | undefined): boolean =>
    (set?.selections ?? []).some((node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return isBelow(fragments[node.name.value]?.selectionSet);
      return (node.kind === Kind.FIELD && node.name.value === name) || isBelow(node.selectionSet);
    });
  return fieldNodes.some(({ selectionSet }) => isBelow(selectionSet));
}
