// Takes the literal arguments out of an operation and makes variables of them. graphql-jit writes literals into the
// code that it generates, and does so by replacing marks in text that a client can write, too: a literal of a client
// must never get there. What is hoisted is read by GraphQL's own code.
import type { DocumentNode, GraphQLInputType, GraphQLSchema, ValueNode } from 'graphql';
import { GraphQLError, Kind, TypeInfo, valueFromAST, visit, visitWithTypeInfo } from 'graphql';

export interface HoistedLiteral {
  /** Of the variable that stands where the literal stood. */
  readonly name: string;
  readonly type: GraphQLInputType;
  /** May hold variables of the operation inside. */
  readonly value: ValueNode;
}

export interface HoistedDocument {
  readonly document: DocumentNode;
  readonly literals: readonly HoistedLiteral[];
}

export function hoistLiterals(schema: GraphQLSchema, document: DocumentNode): HoistedDocument {
  const literals: HoistedLiteral[] = [];
  const types = new TypeInfo(schema);
  const prefix = unusedPrefix(document);
  const hoisted = visit(
    document,
    visitWithTypeInfo(types, {
      Argument(node) {
        // Arguments of directives are `if` of @skip and @include: a Boolean or a variable.
        const type = types.getDirective() ? undefined : types.getArgument()?.type;
        if (type === undefined || node.value.kind === Kind.VARIABLE) return undefined;
        const name = `${prefix}${literals.length}`;
        literals.push({ name, type, value: node.value });
        return { ...node, value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } } };
      },
    }),
  );
  return { document: hoisted, literals };
}

/** Begins no variable of the document. */
function unusedPrefix(document: DocumentNode): string {
  const names = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION
      ? (node.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
      : [],
  );
  let prefix = '_literal_';
  while (names.some((name) => name.startsWith(prefix))) prefix += '_';
  return prefix;
}

/** The values of the literals. Throws a GraphQLError where a variable inside one leaves it without a valid value. */
export function literalValues(
  literals: readonly HoistedLiteral[],
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, type, value } of literals) {
    const read = valueFromAST(value, type, variables);
    if (read === undefined)
      throw new GraphQLError('An argument is not valid with the variables given.', { nodes: value });
    values[name] = read;
  }
  return values;
}
