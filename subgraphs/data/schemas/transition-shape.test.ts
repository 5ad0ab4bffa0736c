// Transitions in definitions: what is refused and where, what passes as it was written, and which ids they get.
import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import { createConfigurationCompiler } from './compile-configuration.ts';
import { createSchemaChecks } from './schema-checks.ts';
import { requireDefinition } from './schema-definition.ts';
import type { Transition } from './transition-shape.ts';

const compile = createConfigurationCompiler();
const string = { type: 'string' };
const schema = { properties: { weight: { type: 'number' }, note: string }, statuses: { new: {}, done: {} } };
const define = (parts: object, transitions: readonly Transition[] = []) =>
  requireDefinition({ ...schema, ...parts }, 'd', { compile, transitions });

const manual = { name: 'finish', type: 'manual', fromStatuses: ['new'], toStatus: 'done' };
const automatic = { ...manual, type: 'automatic' };
const withManual = (parts: object) => ({ transitions: [{ ...manual, ...parts }] });
const withAutomatic = (parts: object) => ({ transitions: [{ ...automatic, ...parts }] });
const withCreation = (parts: object) => ({ creationTransition: { type: 'manual', toStatus: 'new', ...parts } });
const configuration = { type: 'object' };
const ofUser = {
  type: 'initiatorHasRelationToUserInData',
  userIdField: 'note',
  relation: 'isStaffOfTargetPatient',
};
const id = newId();

describe('a transition is refused, naming the path', () => {
  const cases: [string, object, string][] = [
    ['without a name', withManual({ name: undefined }), 'transitions.0.name'],
    ['with a bad name', withManual({ name: '1st' }), 'transitions.0.name'],
    ['of a type that is not known', withManual({ type: 'magic' }), 'transitions.0.type'],
    ['that is no object', { transitions: [7] }, 'transitions.0'],
    ['from nowhere', withManual({ fromStatuses: [] }), 'transitions.0.fromStatuses'],
    ['from a status that there is not', withManual({ fromStatuses: ['new', 'x'] }), 'transitions.0.fromStatuses.1'],
    ['to a status that there is not', withAutomatic({ toStatus: 'x' }), 'transitions.0.toStatus'],
    ['with an id that is none', withManual({ id: 'x' }), 'transitions.0.id'],
    ['with a key that is not known', withManual({ when: 1 }), 'transitions.0.when'],
    [
      'with a condition on the document, of creation',
      withCreation({ conditions: [{ type: 'document', configuration }] }),
      'creationTransition.conditions.0.type',
    ],
    [
      'with a condition on what is sent, of an automatic one',
      withAutomatic({ conditions: [{ type: 'input', configuration }] }),
      'transitions.0.conditions.0.type',
    ],
    [
      'with a condition on who sends, of an automatic one',
      withAutomatic({ conditions: [ofUser] }),
      'transitions.0.conditions.0.type',
    ],
    [
      'with a bad configuration in a condition',
      withManual({ conditions: [{ type: 'document', configuration: { type: 'text' } }] }),
      'transitions.0.conditions.0.configuration.type',
    ],
    [
      'with a relation that is not known',
      withManual({ conditions: [{ ...ofUser, relation: 'staff' }] }),
      'transitions.0.conditions.0.relation',
    ],
    [
      'with a user field that is no text',
      withCreation({ conditions: [{ ...ofUser, userIdField: 'weight' }] }),
      'creationTransition.conditions.0.userIdField',
    ],
    [
      'with an action on what is not declared',
      withAutomatic({ actions: [{ type: 'unset', fields: ['height'] }] }),
      'transitions.0.actions.0.fields.0',
    ],
    [
      'with an action of no type',
      withManual({ actions: [{ type: { toString: null } }] }),
      'transitions.0.actions.0.type',
    ],
    [
      'with an after-action of no type',
      withManual({ afterActions: [{ type: { toString: null } }] }),
      'transitions.0.afterActions.0.type',
    ],
    [
      'with a condition of no type',
      withManual({ conditions: [{ type: { toString: null } }] }),
      'transitions.0.conditions.0.type',
    ],
    ['with an algorithm', withManual({ actions: [{ type: 'algorithm' }] }), 'transitions.0.actions.0.type'],
    ['with a delay of nothing', withManual({ actions: [{ type: 'delay', time: 0 }] }), 'transitions.0.actions.0.time'],
    [
      'with a delay of more than 30 days',
      withManual({ actions: [{ type: 'delay', time: 30 * 86_400_000 + 1 }] }),
      'transitions.0.actions.0.time',
    ],
    ['with a task of no function', withManual({ actions: [{ type: 'task' }] }), 'transitions.0.actions.0.functionName'],
    [
      'with data of a task that is no object',
      withManual({ actions: [{ type: 'task', functionName: 'f', data: [1] }] }),
      'transitions.0.actions.0.data',
    ],
    [
      'with too much data of a task',
      withManual({ actions: [{ type: 'task', functionName: 'f', data: { a: 'x'.repeat(250_001) } }] }),
      'transitions.0.actions.0.data',
    ],
    [
      'with an action after it that belongs into it',
      withManual({ afterActions: [{ type: 'set', field: 'note', value: '' }] }),
      'transitions.0.afterActions.0.type',
    ],
    [
      'with an id that another one has',
      {
        transitions: [
          { ...manual, id },
          { ...automatic, id },
        ],
      },
      'transitions.1.id',
    ],
    ['in too great a number', { transitions: Array.from({ length: 201 }, () => manual) }, 'transitions'],
  ];

  test.each(cases)('%s', (_what, parts, path) => {
    let refusal: unknown;
    try {
      define(parts, [{ ...manual, id } as Transition]);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(`d.${path}: `),
      details: { field: `d.${path}`, code: 26 },
    });
  });
});

test('every condition, action and after-action passes as it was written', () => {
  const task = { type: 'task', functionName: 'report', priority: 5, data: { channel: 'push' } };
  const creation = {
    type: 'manual',
    toStatus: 'new',
    conditions: [ofUser],
    actions: [task, { type: 'delay', time: 1 }],
    afterActions: [task],
  };
  const transitions = [
    {
      ...manual,
      id,
      conditions: [
        { type: 'input', configuration },
        { type: 'document', configuration },
        ofUser,
        { type: 'initiatorHasRelationToGroupInData', groupIdField: 'note', relation: 'patient' },
      ],
      actions: [
        { type: 'set', field: 'note', value: 'a' },
        { type: 'linkCreator' },
        { type: 'measurementReviewedNotification' },
        { type: 'delay', time: 30 * 86_400_000 },
      ],
      afterActions: [task, { type: 'notifyAlgoQueueManager', id: 'a', version: '1' }],
    },
    { ...automatic, id: newId(), conditions: [{ type: 'document', configuration }] },
  ];
  const definition = define({ creationTransition: creation, transitions }, transitions as Transition[]);
  expect(definition).toMatchObject({ creationTransition: creation, transitions });
});

describe('ids of transitions', () => {
  const [first, second] = define({ transitions: [manual, manual] }).transitions as [Transition, Transition];
  const idsOf = (transitions: object[]) => define({ transitions }, [first, second]).transitions.map((t) => t.id);

  test('are new and different for new ones', () => {
    expect(new Set([first.id, second.id]).size).toBe(2);
  });
  test('stay when they are given back, in any order and under a new name', () => {
    expect(idsOf([{ ...second, name: 'close' }, first])).toEqual([second.id, first.id]);
  });
  test('stay with the name, first come first served', () => {
    expect(idsOf([manual, manual])).toEqual([first.id, second.id]);
    expect(idsOf([manual, first])).toEqual([second.id, first.id]);
    expect(idsOf([{ ...manual, id: first.id.toUpperCase() }])).toEqual([first.id]);
  });
  test('are not taken from outside', () => {
    const [kept, made] = idsOf([
      { ...manual, id: newId() },
      { ...manual, id: newId(), name: 'other' },
    ]);
    expect(kept).toBe(first.id);
    expect([first.id, second.id]).not.toContain(made);
  });
});

test('checks of conditions are found by the transition, in their order', () => {
  const at = (minimum: number) => ({
    type: 'object',
    required: ['weight'],
    properties: { weight: { type: 'number', minimum } },
  });
  const definition = define({
    ...withCreation({ conditions: [{ type: 'input', configuration: at(1) }] }),
    transitions: [
      {
        ...manual,
        conditions: [
          { type: 'document', configuration: { type: 'object', properties: { data: at(3) } } },
          { type: 'input', configuration: at(2) },
          ofUser,
        ],
      },
    ],
  });
  const checks = createSchemaChecks(compile)({ id: newId(), updatedAt: new Date(), definition });
  const ofTransition = checks.transitions.get(definition.transitions[0]?.id ?? '');
  expect([checks.creation.input.length, ofTransition?.input.length, ofTransition?.document.length]).toEqual([1, 1, 1]);
  expect(checks.creation.input[0]?.({ weight: 0 })).toMatchObject({ path: ['weight'] });
  expect(ofTransition?.input[0]?.({ weight: 2, more: true })).toBeUndefined();
  expect(ofTransition?.document[0]?.({ id, data: { weight: 2 } })).toMatchObject({ path: ['data', 'weight'] });
  expect(checks.data({ weight: 1, more: true })).toMatchObject({ path: ['more'] });
});
