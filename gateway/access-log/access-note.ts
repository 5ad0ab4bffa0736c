// What becomes known of a request on its way, for its entry in the access log: who asks, and which operation.
import type { FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { type DocumentNode, Kind } from 'graphql';
import type { Caller } from '../../platform/identity/identity.ts';

export interface AccessNote {
  caller?: Caller;
  operationName?: string | undefined;
  rootFields?: readonly string[];
  errorCodes?: readonly string[];
}

/** The names of the fields that an operation asks of the API, whatever their aliases; each once. */
export function rootFieldsOf(document: DocumentNode, operation: OperationDefinitionNode): string[] {
  const fragments = new Map(
    document.definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const names = new Set<string>();
  const seen = new Set<SelectionSetNode>();
  const collect = (set: SelectionSetNode | undefined) => {
    if (set === undefined || seen.has(set)) return;
    seen.add(set);
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else collect(fragments.get(selection.name.value)?.selectionSet);
    }
  };
  collect(operation.selectionSet);
  return [...names];
}

/** The codes in the errors of an answer; each once. */
export function errorCodesOf(errors: readonly { readonly extensions?: { readonly code?: unknown } }[] = []): string[] {
  return [...new Set(errors.map(({ extensions }) => String(extensions?.code ?? 'INTERNAL_SERVER_ERROR')))];
}
