// Finds arguments inside `@requires`. Apollo's planner fetches the required field under its own name, so that a client that
// asks for the same field with other arguments would get what somebody else asked for, with no error.
import type { DocumentNode } from 'graphql';
import { parse, visit } from 'graphql';
import { valuesOf } from './directive-arguments.ts';

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
        const wrong = findArguments(String(valuesOf(directive).fields));
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
      const imports = directive.name.value === 'link' ? valuesOf(directive).import : undefined;
      if (!Array.isArray(imports)) return;
      for (const one of imports as readonly ({ readonly name?: unknown; readonly as?: unknown } | null)[]) {
        if (one?.name === '@requires') names.add(String(one.as ?? '').replace('@', ''));
      }
    },
  });
  return names;
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
