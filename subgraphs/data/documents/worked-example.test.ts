// The worked example of the specification, step by step: readings of glucose, which a nurse records for a patient, and
// which a clinician reviews.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentityData } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';
import { type DocumentClient, documentClient } from '../../../tests/support/document-client.ts';
import { glucoseReading } from '../../../tests/support/glucose-reading.ts';
import { type People, peopleIn } from '../../../tests/support/people.ts';
import { users } from '../../users/index.ts';

let service: DataService;
let client: DocumentClient;
let people: People;
let schemaName: string;
let [ward, clinic, patientId] = ['', '', ''];
let nurse: IdentityData;
let clinician: IdentityData;

beforeAll(async () => {
  service = await startDataService({ others: [users] });
  client = documentClient(service);
  people = peopleIn(service.graph);
  schemaName = await service.schema(glucoseReading);
  [ward, clinic, patientId] = [await people.group('Ward'), await people.group('Clinic'), await people.user()];
  await people.patient(patientId, ward);
  nurse = { userId: await people.user(), staff: [{ groupId: ward, permissions: [] }] };
  clinician = {
    userId: await people.user(),
    staff: [
      { groupId: ward, permissions: [] },
      { groupId: clinic, permissions: ['REVIEW_READINGS'] },
    ],
  };
});
afterAll(() => service.close());

const reading = (mmol: number, more: object = {}) => ({
  mmol,
  takenAt: '2026-03-01T08:00:00+01:00',
  patientId,
  ...more,
});
const tasksOf = async (id: string) =>
  (await client.eventsOf(id)).filter(({ type }) => type === 'task_requested').map(({ content }) => content);

async function record(mmol: number, more: object = {}) {
  return (await client.send(nurse, 'create', { schemaName, data: reading(mmol, more) })).document;
}

describe('creation is refused', () => {
  test.each([
    ['a value below what the condition asks for', () => reading(0.4), 'input.data.mmol'],
    ['a moment that is missing', () => ({ mmol: 5, patientId }), 'input.data.takenAt'],
    ['a patient of nobody', () => reading(5, { patientId: newId() }), 'input.data.patientId'],
    ['a value above what the schema allows', () => reading(61), 'input.data.mmol'],
    ['a property that is not declared', () => reading(5, { weight: 70 }), 'input.data.weight'],
    ['a meal without its energy', () => reading(5, { meals: [{}] }), 'input.data.meals.0.kcal'],
  ])('%s', async (_what, content, field) => {
    const fault = await client.refused(nurse, 'create', { schemaName, data: content() });
    expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field, code: 26 } });
  });

  test('for somebody who is no staff of the patient, whatever permissions they hold', async () => {
    for (const who of [
      person({ permissions: ['CREATE_DOCUMENTS'] }),
      person({ staff: [{ groupId: clinic, permissions: [] }] }),
      person({ patient: [{ groupId: ward }] }),
    ]) {
      const fault = await client.refused(who, 'create', { schemaName, data: reading(5) });
      expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.data.patientId', code: 26 } });
    }
  });

  test('for staff of a group where the patient was enlisted until a moment ago', async () => {
    const [former, patient] = [await people.group(), await people.user()];
    await people.patient(patient, former, new Date(Date.now() - 1));
    const who = person({ staff: [{ groupId: former, permissions: [] }] });
    const fault = await client.refused(who, 'create', { schemaName, data: reading(5, { patientId: patient }) });
    expect(fault).toMatchObject({ details: { field: 'input.data.patientId' } });
  });
});

test('a high reading is linked, flagged, and told to the clinic', async () => {
  const document = await record(17, { device: { model: 'G7', lot: 'x' }, meals: [{ kcal: 300 }] });
  expect(document).toMatchObject({
    status: 'flagged',
    version: 1,
    transitionLockedAt: null,
    users: [{ id: nurse.userId }, { id: patientId }],
    groups: [{ id: ward }],
  });
  expect(document.data).toEqual({
    ...reading(17),
    takenAt: '2026-03-01T07:00:00.000Z',
    seen: false,
    labels: ['urgent'],
    device: { model: 'G7', lot: 'x' },
    meals: [{ id: expect.any(String), kcal: 300 }],
  });
  const events = await client.eventsOf(document.id);
  expect(events.map(({ type }) => type)).toEqual(['document_created', 'task_requested']);
  const { schemaId } = events[0]?.content ?? {};
  expect(events[1]?.content).toEqual({
    functionName: 'alert-clinic',
    priority: 5,
    data: { channel: 'push', schemaId, documentId: document.id },
    initiatorId: nurse.userId,
  });
  const { nodes } = await client.versions(nurse, document.id);
  expect(nodes).toMatchObject([
    { version: 1, kind: 'CREATED', transitions: ['flag-high'], status: 'flagged', changes: [] },
  ]);
});

test('an ordinary reading is stored, and nobody is told', async () => {
  const document = await record(6.1);
  expect(document).toMatchObject({ status: 'stored', data: { seen: false } });
  expect(document.data.labels).toBeUndefined();
  expect(await tasksOf(document.id)).toEqual([]);
});

describe('the review is refused', () => {
  test('without a clinic, and for a clinic where one may not review', async () => {
    const { id } = await record(17);
    const cases: [IdentityData, object, string][] = [
      [clinician, {}, 'input.data.clinicId'],
      [clinician, { clinicId: ward }, 'input.data.clinicId'],
      [nurse, { clinicId: clinic }, 'input.data.clinicId'],
      [{ ...nurse, permissions: ['REVIEW_READINGS', 'UPDATE_DOCUMENTS'] }, { clinicId: clinic }, 'input.data.clinicId'],
    ];
    for (const [who, data, field] of cases) {
      const fault = await client.refusedWithoutChange(who, 'transition', { id, name: 'review', data });
      expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field, code: 26 } });
    }
  });

  test('by name or id of what is no manual transition', async () => {
    const { id } = await record(17);
    for (const name of ['store', 'no-such']) {
      const fault = await client.refusedWithoutChange(clinician, 'transition', { id, name });
      expect(fault).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.name', code: 16 } });
    }
    const fault = await client.refusedWithoutChange(clinician, 'transition', { id, transitionId: newId() });
    expect(fault).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.transitionId', code: 16 } });
  });

  test('for a stranger there is no such document', async () => {
    const { id } = await record(17);
    const fault = await client.refusedWithoutChange(person(), 'transition', { id, name: 'review' });
    expect(fault).toMatchObject({ code: 'NOT_FOUND', details: { field: 'input.id', code: 16 } });
  });
});

test('a clinician reviews a flagged reading, which asks for the report when all is done', async () => {
  const { id } = await record(17, { draftNote: 'look again' });
  const reviewed = await client.send(clinician, 'transition', { id, name: 'review', data: { clinicId: clinic } });
  expect(reviewed.document).toMatchObject({
    status: 'reviewed',
    version: 2,
    groups: [{ id: ward }, { id: clinic }],
    data: { clinicId: clinic, labels: [] },
  });
  expect(reviewed.document.data.draftNote).toBeUndefined();
  const events = (await client.eventsOf(id)).slice(2);
  expect(events.map(({ type }) => type)).toEqual(['document_transitioned', 'task_requested']);
  expect(events[0]?.content).toMatchObject({ status: 'reviewed', version: 2, transitions: ['review'] });
  expect(events[1]?.content).toMatchObject({ functionName: 'build-report', priority: null, data: { documentId: id } });

  const again = await client.refusedWithoutChange(clinician, 'transition', {
    id,
    name: 'review',
    data: { clinicId: clinic },
  });
  expect(again).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.name', code: 26 } });

  const { nodes } = await client.versions(clinician, id);
  expect(nodes[0]).toMatchObject({
    version: 2,
    kind: 'TRANSITIONED',
    transitions: ['review'],
    user: { id: clinician.userId },
    changes: [
      { path: 'data.labels', before: ['urgent'], after: [] },
      { path: 'data.draftNote', before: 'look again', after: null },
      { path: 'data.clinicId', before: null, after: clinic },
      { path: 'groupIds', before: [ward], after: [ward, clinic] },
    ],
  });
  expect(nodes[1].data).toMatchObject({ draftNote: 'look again', labels: ['urgent'] });
});

test('the review by the id of the transition is the same', async () => {
  const { id } = await record(6.1);
  const query = 'query ($name: String!) { documentSchema(name: $name) { definition } }';
  const { documentSchema } = await service.ask(clinician, query, { name: schemaName });
  const { id: transitionId } = documentSchema.definition.transitions[2];
  const input = { id, transitionId, data: { clinicId: clinic } };
  expect((await client.send(clinician, 'transition', input)).document.status).toBe('reviewed');
});
