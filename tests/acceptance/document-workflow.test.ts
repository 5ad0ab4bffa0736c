// Workflows over the public API: the worked example of the specification, step by step, then each kind of condition and
// of action, with what each refuses.
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { type ApiDocuments, apiDocuments } from '../support/api-documents.ts';
import { apiPeople } from '../support/api-people.ts';
import { mutations } from '../support/clinic.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { give } from '../support/document-writing.ts';
import { glucoseReading } from '../support/glucose-reading.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { automatic, manual } from '../support/transitions.ts';

const string = { type: 'string' };
const properties = {
  n: { type: 'number', maximum: 1_000 },
  note: string,
  who: string,
  group: string,
  labels: { type: 'array', items: string, minItems: 1, maxItems: 3 },
  takenAt: { type: 'string', format: 'date-time' },
  device: { type: 'object', properties: { model: string, maker: string }, required: ['model'] },
};
const own = {
  properties,
  statuses: { new: {}, open: {}, done: {} },
  readMode: ['creator'],
  updateMode: ['creator'],
};
const input = (configuration: object) => ({ type: 'input', configuration: { type: 'object', ...configuration } });
const creation = (more: object) => ({ creationTransition: { type: 'manual', toStatus: 'new', ...more } });
const atLeast = (minimum: number) => ({ required: ['n'], properties: { n: { type: 'number', minimum } } });
/** Of the stored document. */
const where = (data: object) => ({
  type: 'document',
  configuration: { type: 'object', required: ['data'], properties: { data: { type: 'object', ...data } } },
});
const task = (functionName: string, more: object = {}) => ({ type: 'task', functionName, ...more });

describeClinic('document workflow', (world) => {
  let documents: ApiDocuments;
  /** A group beside those of the clinic, where a clinician reviews; the clinician is staff of group A, too. */
  let ward = '';
  let clinician: GraphqlClient;
  /** Staff of that group alone. */
  let colleague: GraphqlClient;

  beforeAll(async () => {
    const { admin, groupA } = world.clinic;
    documents = apiDocuments(admin);
    const people = apiPeople(world.shape.url, admin);
    const [first, second] = [await people.newPerson(), await people.newPerson()];
    [clinician, colleague] = [first.client, second.client];
    const group = { input: { name: `Ward ${newId()}`, description: 'For reviews' } };
    ward = (await admin.run(mutations.createGroup, group)).createGroup.group.id;
    await give(admin, first.userId, { permissions: [], groupId: groupA });
    await give(admin, first.userId, { permissions: ['REVIEW_READINGS'], groupId: ward });
    await give(admin, second.userId, { permissions: [], groupId: ward });
  }, 300_000);

  describe('the worked example', () => {
    /** Jane is the nurse: staff of group A, where Pat is a patient. */
    const reading = (mmol: number, more: object = {}) => ({
      mmol,
      takenAt: '2026-03-01T08:00:00+01:00',
      patientId: world.clinic.pat.userId,
      ...more,
    });
    const open = async (mmol: number, more: object = {}) => {
      const schemaName = await documents.schema(glucoseReading);
      return { schemaName, document: await documents.create(world.clinic.jane, schemaName, reading(mmol, more)) };
    };

    test('is stored as its author wrote it, and its index becomes ready', async () => {
      const schemaName = await documents.schema(glucoseReading);
      const { definition } = await documents.readSchema(schemaName);
      expect(definition).toMatchObject(glucoseReading);
      for (const deadline = Date.now() + 30_000; ; await pause(100)) {
        const { indexes } = await documents.readSchema(schemaName);
        const { state } = indexes.find(({ system }: { system: boolean }) => !system);
        if (state === 'READY') break;
        expect([state, Date.now() < deadline]).toEqual(['BUILDING', true]);
      }
    }, 300_000);

    test('step 1: a creation that its conditions or the properties do not allow is refused', async () => {
      const schemaName = await documents.schema(glucoseReading);
      const { jane, karim, pat, rosa, admin } = world.clinic;
      const cases: [GraphqlClient, object, string][] = [
        [jane, reading(0.4), 'input.data.mmol'],
        [jane, { mmol: 5, patientId: pat.userId }, 'input.data.takenAt'],
        [jane, reading(5, { takenAt: 'yesterday' }), 'input.data.takenAt'],
        [jane, reading(5, { patientId: 'none' }), 'input.data.patientId'],
        [jane, reading(5, { patientId: newId() }), 'input.data.patientId'],
        [jane, reading(5, { patientId: rosa.userId }), 'input.data.patientId'],
        [jane, reading(61), 'input.data.mmol'],
        [jane, reading(5, { weight: 70 }), 'input.data.weight'],
        [jane, reading(5, { meals: [{}] }), 'input.data.meals.0.kcal'],
        // No staff of a group of the patient, whatever else they may do.
        [karim, reading(5), 'input.data.patientId'],
        [pat, reading(5), 'input.data.patientId'],
        [admin, reading(5), 'input.data.patientId'],
      ];
      for (const [who, data, field] of cases) {
        const fault = await documents.refused(who, 'create', { schemaName, data });
        expect([data, fault]).toMatchObject([data, { code: 'BAD_USER_INPUT', details: { field, code: 26 } }]);
      }
      const count = 'query ($name: String!) { documents(schemaName: $name) { totalCount } }';
      expect((await admin.run(count, { name: schemaName })).documents.totalCount).toBe(0);
    });

    test('step 2: a high reading is linked, follows the patient, is flagged, and told to the clinic', async () => {
      const { jane, pat, karim, quinn, groupA } = world.clinic;
      const { schemaName, document } = await open(17, { device: { model: 'G7', lot: 'x' }, meals: [{ kcal: 300 }] });
      expect(document).toMatchObject({
        status: 'flagged',
        version: 1,
        transitionLockedAt: null,
        creator: { id: jane.userId },
        users: [{ id: jane.userId }, { id: pat.userId }],
        groups: [{ id: groupA }],
      });
      expect(document.data).toEqual({
        ...reading(17),
        takenAt: '2026-03-01T07:00:00.000Z',
        seen: false,
        labels: ['urgent'],
        device: { model: 'G7', lot: 'x' },
        meals: [{ id: expect.any(String), kcal: 300 }],
      });
      const { id: schemaId } = await documents.readSchema(schemaName);
      const events = await documents.eventsOf(document.id, 2);
      expect(events).toMatchObject([
        { type: 'document_created', content: { schemaId, schemaName, status: 'flagged', version: 1 } },
        { type: 'task_requested' },
      ]);
      expect(events[1]?.content).toEqual({
        functionName: 'alert-clinic',
        priority: 5,
        data: { channel: 'push', schemaId, documentId: document.id },
        initiatorId: jane.userId,
      });
      for (const viewer of [pat, clinician]) expect((await documents.read(viewer, document.id)).status).toBe('flagged');
      for (const stranger of [karim, quinn, colleague]) expect(await documents.read(stranger, document.id)).toBeNull();
    });

    test('step 3: an ordinary reading is stored, and nobody is told', async () => {
      const { document } = await open(6.1);
      expect(document).toMatchObject({ status: 'stored', data: { seen: false } });
      expect(document.data.labels).toBeUndefined();
      expect((await documents.eventsOf(document.id, 1)).map(({ type }) => type)).toEqual(['document_created']);
      expect(await documents.versions(world.clinic.jane, document.id)).toMatchObject([
        { version: 1, kind: 'CREATED', transitions: ['store'], status: 'stored', changes: [] },
      ]);
    });

    test('step 4: a review is refused without a clinic, where one may not review, and to who may not', async () => {
      const { jane, pat, admin, karim, groupA } = world.clinic;
      const { id } = (await open(17)).document;
      const review = async (who: GraphqlClient, more: object) =>
        documents.refusedWithoutChange(who, 'transition', { id, ...more });
      const unmet = (field: string) => ({ code: 'BAD_USER_INPUT', details: { field, code: 26 } });
      const unknown = (field: string) => ({ code: 'NOT_FOUND', details: { field, code: 16 } });
      const data = { clinicId: ward };
      const cases: [GraphqlClient, object, object][] = [
        [clinician, { name: 'review' }, unmet('input.data.clinicId')],
        [clinician, { name: 'review', data: { clinicId: groupA } }, unmet('input.data.clinicId')],
        // Staff of group A may move it on, but is no staff of the ward; nor do permissions lift conditions.
        [jane, { name: 'review', data }, unmet('input.data.clinicId')],
        [admin, { name: 'review', data }, unmet('input.data.clinicId')],
        [clinician, { name: 'store', data }, unknown('input.name')],
        [clinician, { name: 'no-such', data }, unknown('input.name')],
        [clinician, { transitionId: newId(), data }, unknown('input.transitionId')],
        [clinician, { data }, { code: 'BAD_USER_INPUT', details: { field: 'input.name' } }],
        [pat, { name: 'review', data }, { code: 'FORBIDDEN', details: { permission: 'TRANSITION_DOCUMENTS' } }],
        [karim, { name: 'review', data }, unknown('input.id')],
        [colleague, { name: 'review', data }, unknown('input.id')],
      ];
      for (const [who, more, refusal] of cases) expect([more, await review(who, more)]).toMatchObject([more, refusal]);
    });

    test('step 5: a clinician reviews it: linked to the ward, its labels gone, the report asked for last', async () => {
      const { groupA } = world.clinic;
      const { id } = (await open(17, { draftNote: 'look again' })).document;
      const given = { id, name: 'review', data: { clinicId: ward } };
      const reviewed = await documents.send(clinician, 'transition', given);
      expect(reviewed).toMatchObject({
        status: 'reviewed',
        version: 2,
        groups: [{ id: groupA }, { id: ward }],
        data: { clinicId: ward, labels: [] },
      });
      expect(reviewed.data.draftNote).toBeUndefined();
      expect((await documents.read(colleague, id)).status).toBe('reviewed');
      expect((await documents.eventsOf(id, 4)).slice(2)).toMatchObject([
        { type: 'document_transitioned', content: { status: 'reviewed', version: 2, transitions: ['review'] } },
        { type: 'task_requested', content: { functionName: 'build-report', priority: null, data: { documentId: id } } },
      ]);
      const [last, first] = await documents.versions(clinician, id);
      expect(last).toMatchObject({ version: 2, kind: 'TRANSITIONED', user: { id: clinician.userId } });
      expect(last.changes).toContainEqual({ path: 'groupIds', before: [groupA], after: [groupA, ward] });
      expect(first.data).toMatchObject({ draftNote: 'look again', labels: ['urgent'] });
      const again = await documents.refusedWithoutChange(clinician, 'transition', given);
      expect(again).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.name', code: 26 } });
    });

    test('step 6: the review by the id of the transition is the same, also of an ordinary reading', async () => {
      const { schemaName, document } = await open(6.1);
      const { id: transitionId } = (await documents.readSchema(schemaName)).definition.transitions[2];
      const given = { id: document.id, transitionId, data: { clinicId: ward } };
      expect((await documents.send(clinician, 'transition', given)).status).toBe('reviewed');
    });
  });

  /** A document of Pat's own, of a schema with these transitions. */
  async function openWith(transitions: object[], data: object = {}, more: object = {}) {
    const schemaName = await documents.schema({ ...own, transitions, ...more });
    const who = world.clinic.pat;
    const { id } = await documents.create(who, schemaName, data);
    return { schemaName, who, id, go: (given: object = {}) => documents.send(who, 'transition', goes(id, given)) };
  }
  const goes = (id: string, data: object) => ({ id, name: 'go', data });
  const refusedAt = (field: string) => ({ code: 'BAD_USER_INPUT', details: { field, code: 26 } });

  describe('conditions', () => {
    test('input: of what is sent, as it was sent', async () => {
      const raw = input({ required: ['takenAt'], properties: { takenAt: { type: 'string', pattern: '^2026$' } } });
      const { who, id, go } = await openWith([manual('go', { conditions: [raw, input(atLeast(5))] })], { n: 9 });
      for (const [data, field] of [
        [{ n: 5 }, 'input.data.takenAt'],
        [{ n: 5, takenAt: '2026-01-01' }, 'input.data.takenAt'],
        [{ takenAt: '2026' }, 'input.data.n'],
      ] as const) {
        const fault = await documents.refusedWithoutChange(who, 'transition', goes(id, data));
        expect(fault).toMatchObject(refusedAt(field));
      }
      expect((await go({ n: 5, takenAt: '2026' })).data).toEqual({ n: 5, takenAt: '2026-01-01T00:00:00.000Z' });
    });

    test('document: of what is stored, before what is sent', async () => {
      const { who, id, go } = await openWith([manual('go', { conditions: [where(atLeast(5))] })], { n: 4 });
      const fault = await documents.refusedWithoutChange(who, 'transition', goes(id, { n: 6 }));
      expect(fault).toMatchObject(refusedAt('input.name'));
      await documents.send(who, 'update', { id, data: { n: 5 } });
      expect(await go({ n: 1 })).toMatchObject({ status: 'done', data: { n: 1 } });
    });

    test('of a relation to a user: the sender is staff of a group of that patient', async () => {
      const { jane, karim, pat, rosa } = world.clinic;
      const relation = { userIdField: 'who', relation: 'isStaffOfTargetPatient' };
      const conditions = [{ type: 'initiatorHasRelationToUserInData', ...relation }];
      const definition = { ...own, updateMode: ['linkedUsers'], readMode: 'allUsers' };
      const schemaName = await documents.schema({
        ...definition,
        ...creation({ conditions, actions: [{ type: 'linkCreator' }] }),
        transitions: [manual('go', { conditions })],
      });
      for (const [who, data] of [
        [jane, {}],
        [jane, { who: rosa.userId }],
        [karim, { who: pat.userId }],
        [pat, { who: pat.userId }],
      ] as const) {
        const fault = await documents.refused(who, 'create', { schemaName, data });
        expect(fault).toMatchObject(refusedAt('input.data.who'));
      }
      const { id } = await documents.create(jane, schemaName, { who: pat.userId });
      const fault = await documents.refusedWithoutChange(jane, 'transition', goes(id, { who: rosa.userId }));
      expect(fault).toMatchObject(refusedAt('input.data.who'));
      expect((await documents.send(jane, 'transition', goes(id, { who: pat.userId }))).status).toBe('done');
    });

    test('of a relation to a group: as staff, there with a permission, or as patient', async () => {
      const { pat, rosa, groupA, groupB } = world.clinic;
      const to = (relation: string, more: object = {}) => [
        { type: 'initiatorHasRelationToGroupInData', groupIdField: 'group', relation, ...more },
      ];
      const ofCreation = async (conditions: object[]) => documents.schema({ ...own, ...creation({ conditions }) });
      const staff = await ofCreation(to('staff'));
      const reviewers = await ofCreation(to('staff', { requiredPermission: 'REVIEW_READINGS' }));
      const patients = await ofCreation(to('patient'));
      const cases: [string, GraphqlClient, string][] = [
        [staff, clinician, groupB],
        [staff, pat, groupA],
        [staff, clinician, 'none'],
        [reviewers, clinician, groupA],
        [reviewers, colleague, ward],
        [patients, rosa, groupA],
        [patients, clinician, groupA],
      ];
      for (const [schemaName, who, group] of cases) {
        const fault = await documents.refused(who, 'create', { schemaName, data: { group } });
        expect([group, fault]).toMatchObject([group, refusedAt('input.data.group')]);
      }
      await documents.create(clinician, staff, { group: groupA });
      await documents.create(clinician, reviewers, { group: ward });
      expect((await documents.create(pat, patients, { group: groupA })).status).toBe('new');
    });

    test('that do not go with a transition are refused with the definition', async () => {
      const relation = { type: 'initiatorHasRelationToGroupInData', groupIdField: 'group', relation: 'staff' };
      const cases: [object, string][] = [
        [creation({ conditions: [where({})] }), 'creationTransition.conditions.0.type'],
        [{ transitions: [automatic('go', { conditions: [input({})] })] }, 'transitions.0.conditions.0.type'],
        [{ transitions: [automatic('go', { conditions: [relation] })] }, 'transitions.0.conditions.0.type'],
        [{ transitions: [manual('go', { conditions: [{ type: 'magic' }] })] }, 'transitions.0.conditions.0.type'],
        [
          { transitions: [manual('go', { conditions: [{ ...relation, groupIdField: 'n' }] })] },
          'transitions.0.conditions.0.groupIdField',
        ],
      ];
      for (const [part, path] of cases) {
        const given = { name: 'never-made', definition: { ...own, ...part } };
        const fault = await documents.refusedChange('createDocumentSchema', given);
        expect(fault).toMatchObject(refusedAt(`input.definition.${path}`));
      }
    });
  });

  describe('actions', () => {
    const add = { type: 'addItems', field: 'labels', values: ['a', 'b'] };
    const remove = { type: 'removeItems', field: 'labels', values: ['a'] };
    const linkUser = { type: 'linkUserFromData', userIdField: 'who' };
    const linkGroup = { type: 'linkGroupFromData', groupIdField: 'group' };

    test.each([
      ['set', { type: 'set', field: 'device.maker', value: 'x' }, {}, 'input.data.device.model'],
      ['unset', { type: 'unset', fields: ['device.model'] }, { device: { model: 'x' } }, 'input.data.device.model'],
      ['addItems', add, { labels: ['x', 'y'] }, 'input.data.labels'],
      ['removeItems', remove, { labels: ['a'] }, 'input.data.labels'],
      ['linkUserFromData', linkUser, {}, 'input.data.who'],
      ['linkUserFromData', linkUser, { who: newId() }, 'input.data.who'],
      ['linkGroupFromData', linkGroup, { group: 'none' }, 'input.data.group'],
      ['linkGroupFromData', linkGroup, { group: newId() }, 'input.data.group'],
    ])('%s that fails undoes all that was done before it', async (_type, action, data, field) => {
      const before = [{ type: 'set', field: 'note', value: 'b' }, { type: 'linkCreator' }, task('early')];
      const transitions = [manual('go', { toStatus: 'open' }), automatic('on', { fromStatuses: ['open'] })];
      const { who, id } = await openWith(
        transitions.map((one) => ({ ...one, actions: one.name === 'go' ? before : [action] })),
        data,
      );
      const fault = await documents.refusedWithoutChange(who, 'transition', goes(id, { n: 1 }));
      expect(fault).toMatchObject(refusedAt(field));
      expect((await documents.eventsOf(id, 1)).map(({ type }) => type)).toEqual(['document_created']);
    });

    test.each([
      [{ type: 'set', field: 'n', value: 'x' }, 'value'],
      [{ type: 'set', field: 'none', value: 1 }, 'field'],
      [{ type: 'unset', fields: [] }, 'fields'],
      [{ ...add, values: [1] }, 'values.0'],
      [{ ...remove, field: 'note' }, 'field'],
      [{ type: 'linkCreator', userIdField: 'who' }, 'userIdField'],
      [{ ...linkUser, userIdField: 'n' }, 'userIdField'],
      [{ ...linkGroup, groupIdField: 'none' }, 'groupIdField'],
      [{ type: 'linkEnlistedGroups', onlyActive: 'yes' }, 'onlyActive'],
      [{ type: 'task' }, 'functionName'],
      [{ type: 'delay', time: 0 }, 'time'],
      [{ type: 'algorithm' }, 'type'],
      [{ type: 'notifyAlgoQueueManager' }, 'type'],
    ])('%j is refused with the definition', async (action, path) => {
      const definition = { ...own, transitions: [manual('go', { actions: [action] })] };
      const fault = await documents.refusedChange('createDocumentSchema', { name: 'never-made', definition });
      expect(fault).toMatchObject(refusedAt(`input.definition.transitions.0.actions.0.${path}`));
    });

    test('all together run in their order', async () => {
      const { karim, groupA, groupB } = world.clinic;
      const actions = [
        { type: 'set', field: 'device', value: { model: 'G7' } },
        { type: 'set', field: 'device.maker', value: 'x' },
        add,
        remove,
        { type: 'unset', fields: ['note', 'takenAt'] },
        { type: 'linkCreator' },
        linkUser,
        linkGroup,
        { type: 'linkEnlistedGroups' },
        { type: 'measurementReviewedNotification' },
      ];
      const { who, go } = await openWith([manual('go', { actions })], { note: 'a', labels: ['a'] });
      const sent = { who: karim.userId, group: groupB };
      const { data, users, groups } = await go(sent);
      expect(data).toEqual({ ...sent, device: { model: 'G7', maker: 'x' }, labels: ['b'] });
      expect(users).toEqual([{ id: who.userId }, { id: karim.userId }]);
      expect(groups).toEqual([{ id: groupB }, { id: groupA }]);
    });

    test('linkEnlistedGroups leaves out what has expired when it is told to', async () => {
      const { admin, createUser, signInAs, groupA, groupB } = world.clinic;
      const userId = await createUser('Vera');
      await admin.run(mutations.addPatient, { input: { userId, groupId: groupA } });
      const expiresAt = new Date(world.clock.now() + 1_000).toISOString();
      await admin.run(mutations.addPatient, { input: { userId, groupId: groupB, expiresAt } });
      const vera = await signInAs('Vera');
      await world.clock.move(1_000);
      const groupsWith = async (more: object) => {
        const actions = [{ type: 'linkEnlistedGroups', ...more }];
        const { groups } = await documents.create(vera, await documents.schema({ ...own, ...creation({ actions }) }));
        return groups.map(({ id }: { id: string }) => id).sort();
      };
      expect(await groupsWith({})).toEqual([groupA, groupB].sort());
      expect(await groupsWith({ onlyActive: true })).toEqual([groupA]);
    });
  });
});
