// What is written at a directive of a contract or a supergraph, as plain values.
import type { DirectiveNode } from 'graphql';
import { valueFromASTUntyped } from 'graphql';

export function valuesOf(directive: DirectiveNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
  );
}

/** Of the first directive with this name; undefined where there is none. */
export function argumentsOf(
  directives: readonly DirectiveNode[] | undefined,
  name: string,
): Readonly<Record<string, unknown>> | undefined {
  // Composition gives the directive its specification's name in front where another one has it already.
  const directive = directives?.find((one) => one.name.value === name || one.name.value === `federation__${name}`);
  return directive === undefined ? undefined : valuesOf(directive);
}
