// The page docs/permissions.md, from the catalogue of permissions, the rules of all services and their contracts.
import { type FieldDefinitionNode, Kind, parse } from 'graphql';
import { permissionCatalogue, permissionNames } from '../platform/access/permissions.ts';
import type { AccessRule, PermissionMap } from '../platform/access/shield.ts';
import { type ServiceName, serviceNames } from '../platform/config.ts';
import { invariant } from '../platform/errors.ts';
import { printContract } from '../platform/subgraph/print-contract.ts';
import { subgraphs } from './registry.ts';

const opening = `# Permissions

A permission is a name that a role holds. A **global role** holds it everywhere; a **role of a group** holds it for the
staff of that group, in that group, and only where the first table says so. A user may do what the permissions of all
their roles allow together, from the next request on after a change. Nobody has a permission to begin with.

Roles can hold any other name, too, for applications of your own: the platform ignores those.

Some permissions can be narrowed by a suffix: \`VIEW_DOCUMENTS:blood-pressure\` is \`VIEW_DOCUMENTS\` for documents of the
schema \`blood-pressure\` alone.

This page is written by \`npm run permissions\` out of the rules that the services apply. In GraphQL, \`permissions\`
answers the first table.

## All permissions`;

const operations = `## Operations

**Needs** names the permissions that allow an operation, or who may call it. **Without it** says what is allowed without
those: such a call is answered, for what belongs to you or to your groups. What you may not see is not found, as if it
were not there; what you see and may not change is \`FORBIDDEN\`. Fields that not everybody sees who sees the rest of their
type are listed, too.`;

export function permissionsPage(): string {
  const services = serviceNames.map((name) => `### ${name}\n\n${operationsTable(name)}`);
  return `${[opening, permissionsTable(), operations, ...services].join('\n\n')}\n`;
}

function permissionsTable(): string {
  const rows = [...permissionNames].sort().map((name) => {
    const { group, suffix, description } = permissionCatalogue[name];
    return [`\`${name}\``, group ? 'yes' : 'no', suffix ? 'yes' : 'no', description];
  });
  return table(['Permission', 'In roles of groups', 'Suffix', 'Allows'], rows);
}

function operationsTable(service: ServiceName): string {
  const { permissions } = subgraphs[service];
  const rows = publicFields(service, permissions).map(({ name, rule }) => [
    `\`${name}\``,
    withCode(rule.description),
    withCode(rule.otherwise ?? ''),
  ]);
  return table(['Operation', 'Needs', 'Without it'], rows);
}

interface GuardedField {
  readonly name: string;
  readonly rule: AccessRule;
}

/** In the order of the contract: root fields, and fields of other types that have a rule of their own. */
function publicFields(service: ServiceName, permissions: PermissionMap): GuardedField[] {
  return parse(printContract(service)).definitions.flatMap((type) => {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.OBJECT_TYPE_EXTENSION) return [];
    const rules = permissions[type.name.value] ?? {};
    return (type.fields ?? []).filter(isPublic).flatMap((field) => {
      const rule = rules[field.name.value];
      const name = `${type.name.value}.${field.name.value}`;
      invariant(rule !== undefined || !isRoot(type.name.value), `${name} has no rule`);
      return rule === undefined ? [] : [{ name, rule }];
    });
  });
}

function isRoot(type: string): boolean {
  return ['Query', 'Mutation', 'Subscription'].includes(type);
}

function isPublic({ directives = [] }: FieldDefinitionNode): boolean {
  return !directives.some((directive) => directive.name.value === 'inaccessible');
}

/** Names of permissions as code. */
function withCode(words: string): string {
  return words.replace(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b(?::\{\w+\})?/g, '`$&`');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`;
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('\n');
}
