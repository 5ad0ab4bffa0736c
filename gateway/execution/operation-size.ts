// How many selections an operation has once all fragments stand where they are used: what planning has to go through. A
// few lines of fragments that use each other can stand for billions.
import type { DocumentNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { Kind } from 'graphql';
import { AppError } from '../../platform/errors.ts';

/** Throws OPERATION_TOO_LARGE where there are more than `most`. */
export function countSelections(document: DocumentNode, operation: OperationDefinitionNode, most: number): number {
  const selections = countAll(document, operation);
  if (selections <= most) return selections;
  const message = `The operation selects ${selections} fields and fragments.`;
  throw new AppError('OPERATION_TOO_LARGE', message, { field: 'query', most });
}

function countAll(document: DocumentNode, operation: OperationDefinitionNode): number {
  const sets = new Map<string, SelectionSetNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) sets.set(node.name.value, node.selectionSet);
  }
  const counted = new Map<string, number>();
  const ofFragment = (name: string): number => {
    const known = counted.get(name);
    if (known !== undefined) return known;
    // Validation refuses circles; for one that comes here all the same, there is an end.
    counted.set(name, 0);
    const set = sets.get(name);
    const count = set === undefined ? 0 : within(set);
    counted.set(name, count);
    return count;
  };
  const within = (set: SelectionSetNode): number =>
    set.selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + 1 + ofFragment(selection.name.value);
      return sum + 1 + (selection.selectionSet === undefined ? 0 : within(selection.selectionSet));
    }, 0);
  return within(operation.selectionSet);
}
