// Definitions of schemas: what is refused and where, and what the defaults are.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../../../platform/errors.ts';
import { createConfigurationCompiler } from './compile-configuration.ts';
import { requireDefinition } from './schema-definition.ts';

const compile = createConfigurationCompiler();
const define = (definition: unknown) => requireDefinition(definition, 'input.definition', { compile });

function refusalOf(definition: unknown): { code: string; message: string; field: unknown } {
  try {
    define(definition);
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message, field: error.details?.field };
    throw error;
  }
  throw new Error('nothing was refused');
}

const number = { type: 'number' };
const string = { type: 'string' };
const properties = { weight: number, note: string, tags: { type: 'array', items: string }, device: { type: 'object' } };
const withAction = (action: unknown) => ({
  properties,
  creationTransition: { type: 'manual', toStatus: 'new', actions: [action] },
});
const withCondition = (condition: unknown) => ({
  properties,
  creationTransition: { type: 'manual', toStatus: 'new', conditions: [condition] },
});

describe('a definition is refused, naming the path', () => {
  const cases: [string, unknown, string][] = [
    ['that is no object', 7, ''],
    ['with a key that is not known', { propertis: {} }, 'propertis'],
    ['with a keyword that is not known', { properties: { a: { ...number, minimun: 1 } } }, 'properties.a.minimun'],
    ['with a keyword of another type', { properties: { a: { ...string, minimum: 1 } } }, 'properties.a.minimum'],
    ['with a type that is not known', { properties: { a: { type: 'integer' } } }, 'properties.a.type'],
    ['with a property without a type', { properties: { a: {} } }, 'properties.a.type'],
    ['with a reference', { properties: { a: { $ref: '#' } } }, 'properties.a.type'],
    ['with a keyword of the wrong type', { properties: { a: { ...number, minimum: '1' } } }, 'properties.a.minimum'],
    [
      'with a boolean for other properties',
      { properties: { a: { type: 'object', additionalProperties: false } } },
      'properties.a.additionalProperties',
    ],
    ['with a list without items', { properties: { a: { type: 'array' } } }, 'properties.a.items'],
    [
      'deep inside',
      { properties: { a: { type: 'array', items: { type: 'object', properties: { b: { type: 'x' } } } } } },
      'properties.a.items.properties.b.type',
    ],
    [
      'with an id in the objects of a list',
      { properties: { a: { type: 'array', items: { type: 'object', properties: { id: string } } } } },
      'properties.a.items.properties.id',
    ],
    ['with a pattern that is none', { properties: { a: { ...string, pattern: '(' } } }, 'properties.a.pattern'],
    [
      'with a pattern that is too long',
      { properties: { a: { ...string, pattern: 'a'.repeat(501) } } },
      'properties.a.pattern',
    ],
    [
      'with a moment of certain letters',
      { properties: { a: { type: 'array', items: { ...string, format: 'date-time', enum: ['2012'] } } } },
      'properties.a.items.enum',
    ],
    ['with another format', { properties: { a: { ...string, format: 'email' } } }, 'properties.a.format'],
    ['with a property name that breaks paths', { properties: { 'a.b': number } }, 'properties.a.b'],
    [
      'with a property named like the prototype',
      JSON.parse('{"properties":{"__proto__":{"type":"number"}}}'),
      'properties.__proto__',
    ],
    ['with a property named constructor', { properties: { constructor: number } }, 'properties.constructor'],
    ['with NUL in it', { properties: { a: { ...string, const: 'a\0' } } }, 'properties.a.const'],
    ['that is nested too deeply', { properties: { a: nested(60) } }, `properties.a${'.items'.repeat(48)}`],
    ['without any status', { statuses: {} }, 'statuses'],
    ['with a status of a bad name', { statuses: { '1st': {} } }, 'statuses.1st'],
    ['with status data that is no text', { statuses: { new: { severity: 1 } } }, 'statuses.new.severity'],
    [
      'with a status that there is not',
      { creationTransition: { type: 'manual', toStatus: 'done' } },
      'creationTransition.toStatus',
    ],
    [
      'with an automatic creation',
      { creationTransition: { type: 'automatic', toStatus: 'new' } },
      'creationTransition.type',
    ],
    ['with a create mode that is not known', { createMode: 'nobody' }, 'createMode'],
    ['with a group sync mode that is not known', { groupSyncMode: 'sometimes' }, 'groupSyncMode'],
    ['with a relation to create by', { createMode: ['creator'] }, 'createMode'],
    ['with a relation that is not known', { readMode: ['creator', 'staff'] }, 'readMode'],
    ['with an update mode for everybody', { updateMode: 'allUsers' }, 'updateMode'],
    ['with a delete mode for everybody', { deleteMode: 'allUsers' }, 'deleteMode'],
    ['with a limit of nothing', { maximumLimit: 0 }, 'maximumLimit'],
    ['with limits that contradict', { defaultLimit: 50, maximumLimit: 40 }, 'defaultLimit'],
    [
      'with too many types',
      { properties: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`p${i}`, number])) },
      '',
    ],
    ['with a condition that is not known', withCondition({ type: 'sunny' }), 'creationTransition.conditions.0.type'],
    [
      'with a group field that is no text',
      withCondition({ type: 'initiatorHasRelationToGroupInData', groupIdField: 'weight', relation: 'staff' }),
      'creationTransition.conditions.0.groupIdField',
    ],
    [
      'with a permission of patients',
      withCondition({
        type: 'initiatorHasRelationToGroupInData',
        groupIdField: 'note',
        relation: 'patient',
        requiredPermission: 'X',
      }),
      'creationTransition.conditions.0.requiredPermission',
    ],
    ['with an action that is not known', withAction({ type: 'explode' }), 'creationTransition.actions.0.type'],
    [
      'with an extra key in an action',
      withAction({ type: 'linkCreator', force: true }),
      'creationTransition.actions.0.force',
    ],
    [
      'with an action on what is not declared',
      withAction({ type: 'set', field: 'height', value: 1 }),
      'creationTransition.actions.0.field',
    ],
    [
      'with an action on the prototype',
      withAction({ type: 'set', field: '__proto__.a', value: 1 }),
      'creationTransition.actions.0.field',
    ],
    [
      'with an action that sets what does not fit',
      withAction({ type: 'set', field: 'weight', value: 'much' }),
      'creationTransition.actions.0.value',
    ],
    [
      'with an action that sets nothing',
      withAction({ type: 'set', field: 'weight' }),
      'creationTransition.actions.0.value',
    ],
    [
      'with items for what is no list',
      withAction({ type: 'addItems', field: 'weight', values: [1] }),
      'creationTransition.actions.0.field',
    ],
    [
      'with items that do not fit',
      withAction({ type: 'addItems', field: 'tags', values: ['a', 1] }),
      'creationTransition.actions.0.values.1',
    ],
    [
      'with a user field that is no text',
      withAction({ type: 'linkUserFromData', userIdField: 'weight' }),
      'creationTransition.actions.0.userIdField',
    ],
  ];

  test.each(cases)('%s', (_what, definition, path) => {
    const field = ['input.definition', ...(path === '' ? [] : [path])].join('.');
    expect(refusalOf(definition)).toEqual({
      code: 'BAD_USER_INPUT',
      field,
      message: expect.stringContaining(`${field}: `),
    });
  });
});

test('an empty definition is completed with the defaults', () => {
  expect(define({})).toEqual({
    properties: {},
    statuses: { new: {} },
    creationTransition: { type: 'manual', toStatus: 'new' },
    transitions: [],
    indexes: [],
    groupSyncMode: 'disabled',
    createMode: 'allUsers',
    readMode: ['linkedUsers', 'linkedGroupStaff'],
    updateMode: ['linkedUsers', 'linkedGroupStaff'],
    deleteMode: 'permissionRequired',
    defaultLimit: 20,
    maximumLimit: 100,
  });
});

test('documents begin in the first status, unless told', () => {
  expect(define({ statuses: { draft: {}, done: {} } }).creationTransition.toStatus).toBe('draft');
});

test('the default limit is not greater than the maximum', () => {
  expect(define({ maximumLimit: 5 }).defaultLimit).toBe(5);
});

test('a full definition passes as it was written', () => {
  const definition = {
    properties: {
      mmol: { type: 'number', minimum: 0, maximum: 60, queryable: false },
      takenAt: { type: 'string', format: 'date-time' },
      patientId: { type: 'string', pattern: '^(?!x)[0-9a-f-]{36}$', minLength: 36, maxLength: 36 },
      clinicId: { type: 'string' },
      seen: { type: 'boolean', const: false },
      labels: {
        type: 'array',
        items: { type: 'string', enum: ['a', 'b'] },
        minItems: 0,
        maxItems: 10,
        contains: { type: 'string', const: 'a' },
      },
      meals: { type: 'array', items: { type: 'object', required: ['kcal'], properties: { kcal: { type: 'number' } } } },
      device: { type: 'object', properties: { model: { type: 'string' } }, additionalProperties: { type: 'string' } },
    },
    statuses: { received: {}, flagged: { severity: 'high' } },
    creationTransition: {
      type: 'manual',
      toStatus: 'received',
      conditions: [
        {
          type: 'input',
          configuration: { type: 'object', required: ['mmol'], properties: { mmol: { type: 'number' } } },
        },
        {
          type: 'initiatorHasRelationToGroupInData',
          groupIdField: 'clinicId',
          relation: 'staff',
          requiredPermission: 'X',
        },
      ],
      actions: [
        { type: 'set', field: 'seen', value: false },
        { type: 'unset', fields: ['device.model', 'device.anything'] },
        { type: 'addItems', field: 'labels', values: ['a'] },
        { type: 'removeItems', field: 'meals', values: [{ kcal: 1 }] },
        { type: 'linkCreator' },
        { type: 'linkUserFromData', userIdField: 'patientId' },
        { type: 'linkGroupFromData', groupIdField: 'clinicId' },
        { type: 'linkEnlistedGroups', onlyActive: true },
      ],
    },
    transitions: [],
    indexes: [{ fields: [{ name: 'data.takenAt', type: 'desc' }], options: { sparse: true, background: false } }],
    groupSyncMode: 'linkedUsersPatientEnlistments',
    createMode: 'permissionRequired',
    readMode: ['creator', 'linkedUsers', 'linkedGroupStaff', 'linkedGroupPatients'],
    updateMode: [],
    deleteMode: ['creator'],
    defaultLimit: 10,
    maximumLimit: 50,
  };
  expect(define(definition)).toEqual(definition);
});

function nested(depth: number): unknown {
  return depth === 0 ? string : { type: 'array', items: nested(depth - 1) };
}

test('whatever is given is taken or refused', () => {
  const keys = [
    'properties',
    'statuses',
    'creationTransition',
    'type',
    'items',
    'a',
    'const',
    'enum',
    'actions',
    'field',
  ];
  const values = [
    'object',
    'array',
    'string',
    'number',
    'boolean',
    'manual',
    'new',
    'a',
    'set',
    'input',
    1,
    true,
    null,
  ];
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<unknown>(...values),
      fc.array(tie('json'), { maxLength: 2 }),
      fc.dictionary(fc.constantFrom(...keys), tie('json'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(
      fc.oneof(json, fc.record({ properties: fc.dictionary(fc.constantFrom('a', 'b'), json) }), fc.jsonValue()),
      (given) => {
        try {
          const definition = define(given);
          compile({ type: 'object', properties: definition.properties }, 'closed');
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
