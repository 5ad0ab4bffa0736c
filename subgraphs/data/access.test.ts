// The rules of access to documents against a plain model of them, for reading, changing and deleting.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matches } from '../../platform/access/condition-matches.ts';
import { anonymous, identityFrom } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { anyDocument, anyIdentity, anyMode, modelMay } from '../../tests/support/document-model.ts';
import type { AccessSchema } from './access.ts';
import { deletable, mayCreate, mayLink, readable, readableOfAny, writable } from './access.ts';
import { createConfigurationCompiler } from './compile-configuration.ts';
import { requireDefinition } from './schema-definition.ts';

const compile = createConfigurationCompiler();
const now = Date.UTC(2026, 0, 1);

function schemaWith(modes: Record<string, unknown>, name = 'pulse'): AccessSchema {
  return { id: newId(), name, definition: requireDefinition(modes, 'definition', compile) };
}

const kinds = [
  { rule: readable, mode: 'readMode', permission: 'VIEW_DOCUMENTS' },
  { rule: writable, mode: 'updateMode', permission: 'UPDATE_DOCUMENTS' },
  { rule: deletable, mode: 'deleteMode', permission: 'DELETE_DOCUMENTS' },
];

describe.each(kinds)('$permission and $mode', ({ rule, mode, permission }) => {
  const others = kinds.map((kind) => kind.permission);
  const permissions = [...others, ...others.flatMap((name) => [`${name}:pulse`, `${name}:weight`, `${name}:`])];

  test('nobody who is not signed in may, whatever the mode', () => {
    const schema = schemaWith(mode === 'readMode' ? { readMode: 'allUsers' } : {});
    expect(rule({ identity: anonymous, now }, schema)).toEqual({ kind: 'never' });
    expect(rule({ identity: identityFrom({ permissions: [permission] }), now }, schema)).toEqual({ kind: 'never' });
  });

  test('documents of another schema are never meant', () => {
    const identity = identityFrom({ userId: newId(), permissions: [permission] });
    const [schema, other] = [schemaWith({}), schemaWith({})];
    const [document] = fc.sample(anyDocument([other.id]), 1);
    expect(matches(rule({ identity, now }, schema), { ...document })).toBe(false);
    expect(matches(rule({ identity, now }, other), { ...document })).toBe(true);
  });

  test('the rule decides as the model does', () => {
    const modes = mode === 'readMode' ? anyMode : anyMode.filter((value) => value !== 'allUsers');
    const id = newId();
    fc.assert(
      fc.property(anyIdentity(permissions, now), anyDocument([id]), modes, (who, document, value) => {
        const schema = { ...schemaWith({ [mode]: value }), id };
        const expected = modelMay(who, document, { id, name: 'pulse', mode: value }, { permission, now });
        expect(matches(rule({ identity: identityFrom(who), now }, schema), { ...document })).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

test('documents of any of several schemas are those of each', () => {
  const schemas = [
    schemaWith({ readMode: ['creator'] }, 'a'),
    schemaWith({ readMode: ['creator'] }, 'b'),
    schemaWith({}, 'c'),
  ];
  const permissions = ['VIEW_DOCUMENTS', 'VIEW_DOCUMENTS:a', 'VIEW_DOCUMENTS:c'];
  const document = anyDocument(schemas.map(({ id }) => id));
  fc.assert(
    fc.property(anyIdentity(permissions, now), document, (who, row) => {
      const viewer = { identity: identityFrom(who), now };
      const each = schemas.some((schema) => matches(readable(viewer, schema), { ...row }));
      expect(matches(readableOfAny(viewer, schemas), { ...row })).toBe(each);
    }),
  );
});

describe('creating and linking take a global permission, bare or for the schema', () => {
  const groupId = newId();
  const [user, staff] = [
    { userId: newId() },
    (name: string) => ({ userId: newId(), staff: [{ groupId, permissions: [name] }] }),
  ];
  const schema = schemaWith({ createMode: 'permissionRequired' });
  test.each([
    ['CREATE_DOCUMENTS', mayCreate],
    ['UPDATE_ACCESS_TO_DOCUMENT', mayLink],
  ])('%s', (name, may) => {
    const asked = (data: object) => may({ identity: identityFrom(data), now }, schema);
    expect(asked({ permissions: [name] })).toBe(false);
    expect(asked(user)).toBe(false);
    expect(asked(staff(name))).toBe(false);
    expect(asked({ ...user, permissions: [`${name}:weight`] })).toBe(false);
    expect(asked({ ...user, permissions: [name] })).toBe(true);
    expect(asked({ ...user, permissions: [`${name}:pulse`] })).toBe(true);
  });

  test('any signed-in user creates where the mode says allUsers', () => {
    const open = schemaWith({ createMode: 'allUsers' });
    expect(mayCreate({ identity: anonymous, now }, open)).toBe(false);
    expect(mayCreate({ identity: identityFrom(user), now }, open)).toBe(true);
  });
});
