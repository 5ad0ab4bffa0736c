// Whether a request looks at the data of documents: reading it is most of what a document costs.
import type { GraphQLResolveInfo, SelectionSetNode } from 'graphql';
import { Kind } from 'graphql';

/** True if some field below this one is called `data`; a field of another type may be, too, which does no harm. */
export function selectsData({ fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>): boolean {
  return fieldNodes.some(({ selectionSet }) => hasData(selectionSet, fragments));
}

function hasData(set: SelectionSetNode | undefined, fragments: GraphQLResolveInfo['fragments']): boolean {
  return (set?.selections ?? []).some((node) => {
    if (node.kind === Kind.FRAGMENT_SPREAD) return hasData(fragments[node.name.value]?.selectionSet, fragments);
    return (node.kind === Kind.FIELD && node.name.value === 'data') || hasData(node.selectionSet, fragments);
  });
}
