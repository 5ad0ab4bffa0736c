// Answers `__schema` and `__type`, which are no subgraph's business, from the schema that clients see.
import type { FieldSelection } from '@apollo/federation-internals';
import type { FieldNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { executeSync, Kind, OperationTypeNode, visit } from 'graphql';
import type { WriteIntrospection } from './compile-shape.ts';

/** `selections` stand under one response name. Their answer is kept, unless variables are used in them. */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  responseName: string,
  selections: readonly FieldSelection[],
): WriteIntrospection {
  const fields = selections.map((selection) => selection.expandFragments().toSelectionNode() as FieldNode);
  const used = new Set<string>();
  for (const field of fields) {
    visit(field, {
      Variable: ({ name }) => {
        used.add(name.value);
      },
    });
  }
  const definition: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    variableDefinitions: (operation.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
    selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
  };
  const write: WriteIntrospection = (variables) => {
    const { data, errors } = executeSync({
      schema,
      document: { kind: Kind.DOCUMENT, definitions: [definition] },
      rootValue: {},
      variableValues: variables,
    });
    if (errors?.[0] !== undefined) throw errors[0];
    return JSON.stringify(data?.[responseName] ?? null);
  };
  if (used.size > 0) return write;
  let kept: string | undefined;
  return (variables) => {
    kept ??= write(variables);
    return kept;
  };
}
