// Finds arguments inside `@requires`. Apollo's planner fetches the required field under its own name, so that a client that
// asks for the same field with other arguments would get what somebody else asked for, with no error.
import type { DirectiveNode, DocumentNode, ValueNode } from 'graphql';
import { Kind, parse, visit } from 'graphql';

/** One line for each; none when the contract is fine. */
export function findRequiredArguments(service: string, contract: DocumentNode): string[] {
  const names = namesOfRequires(contract);
  const faults: string[] = [];
  let type = '';
  visit(contract, {
    ObjectTypeDefinition: (node) => {
      type = node.name.value;
    },
    ObjectTypeExtension: (node) => {
      type = node.name.value;
    },
    FieldDefinition(field) {
      for (const directive of field.directives ?? []) {
        if (!names.has(directive.name.value)) continue;
        const wrong = findArguments(textOf(argumentOf(directive, 'fields')));
        if (wrong === undefined) continue;
        const where = `${service}: ${type}.${field.name.value}`;
        faults.push(`${where} requires ${wrong} with arguments, which would replace what clients ask of it.`);
      }
    },
  });
  return faults;
}

/** A contract may import the directive under another name. */
function namesOfRequires(contract: DocumentNode): ReadonlySet<string> {
  const names = new Set(['requires', 'federation__requires']);
  visit(contract, {
    Directive(directive) {
      const imports = directive.name.value === 'link' ? argumentOf(directive, 'import') : undefined;
      if (imports?.kind !== Kind.LIST) return;
      for (const one of imports.values) {
        if (one.kind !== Kind.OBJECT) continue;
        const fields = new Map(one.fields.map(({ name, value }) => [name.value, textOf(value)]));
        if (fields.get('name') === '@requires') names.add((fields.get('as') ?? '').replace('@', ''));
      }
    },
  });
  return names;
}

function argumentOf(directive: DirectiveNode, name: string): ValueNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name)?.value;
}

function textOf(value: ValueNode | undefined): string {
  return value?.kind === Kind.STRING ? value.value : '';
}

function findArguments(fields: string): string | undefined {
  let found: string | undefined;
  try {
    visit(parse(`{ ${fields} }`, { noLocation: true }), {
      Field(field) {
        if ((field.arguments?.length ?? 0) > 0) found ??= field.name.value;
      },
    });
  } catch {
    // Composition says what is wrong with it.
  }
  return found;
}
