// docs/permissions.md says what the services do: it is what `npm run permissions` would write now.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Kind, parse } from 'graphql';
import { permissionNames } from '../../platform/access/permissions.ts';
import { type ServiceName, serviceNames } from '../../platform/config.ts';
import { printContract } from '../../platform/subgraph/print-contract.ts';
import { permissionsPage } from '../../subgraphs/permissions-page.ts';
import { subgraphs } from '../../subgraphs/registry.ts';

const page = readFileSync('docs/permissions.md', 'utf8');
const cells = (line: string) => line.split('|').map((cell) => cell.trim());

/** Fields of the types in a contract, as `User.email`. */
function fieldsOf(service: ServiceName): { readonly name: string; readonly description: string }[] {
  return parse(printContract(service)).definitions.flatMap((type) =>
    type.kind === Kind.OBJECT_TYPE_DEFINITION
      ? (type.fields ?? []).map(({ name, description }) => ({
          name: `${type.name.value}.${name.value}`,
          description: description?.value ?? '',
        }))
      : [],
  );
}

describe('docs/permissions.md', () => {
  test('is up to date; if not, run `npm run permissions`', () => {
    expect(page).toBe(permissionsPage());
  });

  test('has each permission once', () => {
    const named = [...page.matchAll(/^\| `([A-Z0-9_]+)` +\| (?:yes|no) +\| (?:yes|no) +\|/gm)].map(([, name]) => name);
    expect(named).toEqual([...permissionNames].sort());
  });

  test('has each public root field, and nothing internal', () => {
    for (const { permissions } of Object.values(subgraphs)) {
      for (const [type, fields] of Object.entries(permissions)) {
        for (const [field, rule] of Object.entries(fields)) {
          const listed = page.includes(`| \`${type}.${field}\` `);
          expect([`${type}.${field}`, listed]).toEqual([`${type}.${field}`, rule.description !== 'services only']);
        }
      }
    }
  });

  test('has each public field whose description says that not everybody sees it', () => {
    const guarded = serviceNames.flatMap((service) =>
      fieldsOf(service)
        .filter(({ description }) => /\bnull unless\b/.test(description))
        .map(({ name }) => name),
    );
    expect(guarded).toContain('User.failedCount');
    expect(guarded.filter((name) => !page.includes(`| \`${name}\` `))).toEqual([]);
  });

  test('says of each operation what it needs', () => {
    const operations = page.split('\n').filter((line) => /^\| `[A-Za-z]+\.\w+`/.test(line));
    expect(operations.length).toBeGreaterThan(100);
    expect(operations.filter((line) => (cells(line)[2] ?? '').length < 5)).toEqual([]);
  });

  test('names no permission that there is not', () => {
    const known: ReadonlySet<string> = new Set(permissionNames);
    const named = [...page.matchAll(/`([A-Z0-9]+(?:_[A-Z0-9]+)+)(?::[^`]+)?`/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});
