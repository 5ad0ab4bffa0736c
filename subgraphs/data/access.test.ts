// The rules of access to documents against a plain model of them, for reading, changing and deleting.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matches } from '../../platform/access/condition-matches.ts';
import { anonymous, identityFrom } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';
import { anyDocument, anyIdentity, anyMode, modelMay } from '../../tests/support/document-model.ts';
import type { AccessSchema } from './access.ts';
import { deletable, mayCreate, mayLink, readable, readableOfAny, transitionable, writable } from './access.ts';
import { createConfigurationCompiler } from './schemas/compile-configuration.ts';
import { requireDefinition } from './schemas/schema-definition.ts';

const compile = createConfigurationCompiler();
const now = Date.UTC(2026, 0, 1);

function schemaWith(modes: Record<string, unknown>, name = 'pulse'): AccessSchema {
  return { id: newId(), name, definition: requireDefinition(modes, 'definition', { compile }) };
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

describe('moving documents on', () => {
  const forReview = ['TRANSITION_DOCUMENTS', 'TRANSITION_DOCUMENTS:pulse', 'TRANSITION_DOCUMENTS:pulse:review'];
  const others = [
    'UPDATE_DOCUMENTS:weight',
    'TRANSITION_DOCUMENTS:weight',
    'TRANSITION_DOCUMENTS:review',
    'TRANSITION_DOCUMENTS::review',
    'TRANSITION_DOCUMENTS:pulse:',
    'TRANSITION_DOCUMENTS:pulse:close',
    'TRANSITION_DOCUMENTS:weight:review',
    'VIEW_DOCUMENTS',
  ];

  test('the rule decides as the model does: who may change them may, and holders of a permission for the transition', () => {
    const id = newId();
    const permissions = ['UPDATE_DOCUMENTS', 'UPDATE_DOCUMENTS:pulse', ...forReview, ...others];
    const modes = anyMode.filter((value) => value !== 'allUsers');
    fc.assert(
      fc.property(anyIdentity(permissions, now), anyDocument([id]), modes, (who, document, mode) => {
        const schema = { ...schemaWith({ updateMode: mode }), id };
        const question = { permission: 'UPDATE_DOCUMENTS', also: forReview, now };
        const expected = modelMay(who, document, { id, name: 'pulse', mode }, question);
        const viewer = { identity: identityFrom(who), now };
        expect(matches(transitionable(viewer, schema, 'review'), { ...document })).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(forReview)(
    '%s, global or in a group of the document, does not go with changing or seeing it',
    (permission) => {
      const [schema, groupId] = [schemaWith({}), newId()];
      const document = { ...fc.sample(anyDocument([schema.id]), 1)[0], groupIds: [groupId], userIds: [] };
      const staff = [{ groupId, permissions: [permission] }];
      for (const rights of [
        { permissions: [permission] },
        { staff: [{ groupId: newId(), permissions: [] }, ...staff] },
      ]) {
        const viewer = { identity: identityFrom({ userId: newId(), ...rights }), now };
        const related = rights.staff !== undefined;
        expect(matches(transitionable(viewer, schema, 'review'), document)).toBe(true);
        // Staff of a linked group sees and changes it by the standard modes.
        expect(matches(readable(viewer, schema), document)).toBe(related);
        expect(matches(writable(viewer, schema), document)).toBe(related);
        expect(matches(deletable(viewer, schema), document)).toBe(false);
      }
    },
  );

  test('nobody who is not signed in may, and documents of another schema are never meant', () => {
    const [schema, other] = [schemaWith({}), schemaWith({})];
    const [document] = fc.sample(anyDocument([other.id]), 1);
    const identity = identityFrom({ permissions: forReview });
    expect(transitionable({ identity, now }, schema, 'review')).toEqual({ kind: 'never' });
    const signedIn = { identity: identityFrom({ userId: newId(), permissions: forReview }), now };
    expect(matches(transitionable(signedIn, schema, 'review'), { ...document })).toBe(false);
  });
});

test.each([
  ['readMode', 'default', ['linkedUsers', 'linkedGroupStaff']],
  ['readMode', 'enlistedInLinkedGroups', ['linkedGroupPatients', 'linkedGroupStaff']],
  ['readMode', [], 'permissionRequired'],
  ['updateMode', 'default', ['linkedUsers', 'linkedGroupStaff']],
  ['updateMode', 'creatorOnly', ['creator']],
  ['updateMode', 'disabled', 'permissionRequired'],
  ['updateMode', 'linkedGroupsStaffOnly', ['linkedGroupStaff']],
  ['updateMode', [], 'permissionRequired'],
  ['deleteMode', 'linkedUsersOnly', ['linkedUsers', 'linkedGroupStaff']],
  ['deleteMode', [], 'permissionRequired'],
])('%s %j means %j', (mode, spelled, meaning) => {
  const { rule, permission } = kinds.find((kind) => kind.mode === mode) as (typeof kinds)[number];
  const id = newId();
  fc.assert(
    fc.property(anyIdentity([permission, `${permission}:pulse`], now), anyDocument([id]), (who, document) => {
      const viewer = { identity: identityFrom(who), now };
      const by = (value: unknown) => matches(rule(viewer, { ...schemaWith({ [mode]: value }), id }), { ...document });
      expect(by(spelled)).toBe(by(meaning));
    }),
  );
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

  test.each(['allUsers', 'default'])('any signed-in user creates where the mode says %s', (createMode) => {
    const open = schemaWith({ createMode });
    expect(mayCreate({ identity: anonymous, now }, open)).toBe(false);
    expect(mayCreate({ identity: identityFrom(user), now }, open)).toBe(true);
  });
});
