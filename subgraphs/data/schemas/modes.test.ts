// Modes: what is refused, what is kept as it was spelled, and what each spelling means.
import { describe, expect, test } from '@jest/globals';
import { createConfigurationCompiler } from './compile-configuration.ts';
import { normalisedModes } from './modes.ts';
import { requireDefinition } from './schema-definition.ts';

const compile = createConfigurationCompiler();
const define = (definition: unknown) => requireDefinition(definition, 'definition', { compile });

describe('spellings of other modes are refused', () => {
  test.each([
    ['createMode', 'creatorOnly'],
    ['readMode', 'disabled'],
    ['readMode', 'linkedUsersOnly'],
    ['updateMode', 'allUsers'],
    ['updateMode', 'enlistedInLinkedGroups'],
    ['deleteMode', 'default'],
    ['deleteMode', ['staff']],
  ])('%s %s', (mode, value) => {
    expect(() => define({ [mode]: value })).toThrow(`definition.${mode}`);
  });
});

const linked = ['linkedUsers', 'linkedGroupStaff'];

describe('a spelling is kept, and means', () => {
  test.each([
    ['createMode', 'default', 'allUsers'],
    ['createMode', 'permissionRequired', 'permissionRequired'],
    ['readMode', 'default', linked],
    ['readMode', 'enlistedInLinkedGroups', ['linkedGroupPatients', 'linkedGroupStaff']],
    ['readMode', 'allUsers', 'allUsers'],
    ['readMode', [], 'permissionRequired'],
    ['updateMode', 'default', linked],
    ['updateMode', 'creatorOnly', ['creator']],
    ['updateMode', 'disabled', 'permissionRequired'],
    ['updateMode', 'linkedGroupsStaffOnly', ['linkedGroupStaff']],
    ['updateMode', [], 'permissionRequired'],
    ['deleteMode', 'linkedUsersOnly', linked],
    ['deleteMode', ['creator', 'linkedGroupPatients'], ['creator', 'linkedGroupPatients']],
  ] as const)('%s %s', (mode, spelled, meaning) => {
    const definition = define({ [mode]: spelled });
    expect(definition[mode]).toEqual(spelled);
    expect(normalisedModes(definition)[mode]).toEqual(meaning);
  });
});
