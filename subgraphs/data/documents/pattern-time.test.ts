// How long a write may check data against patterns: all its rounds together, not each anew. The clock of the processor
// is one that is set here.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBoundedRun } from '../../../platform/bounded-run.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { anonymous } from '../../../platform/identity/identity.ts';
import { newId } from '../../../platform/ids.ts';
import { type DataService, person, startDataService } from '../../../tests/support/data-service.ts';
import type { DataModel, DataParts } from '../parts.ts';
import { createSchemaChecks } from '../schemas/schema-checks.ts';
import { createDocument } from './create-document.ts';
import { resumeDocumentJob } from './resume-document.ts';
import { transitionDocument } from './transition-document.ts';

let service: DataService;
beforeAll(async () => {
  service = await startDataService();
});
afterAll(() => service.close());

const link = { type: 'linkUserFromData', userIdField: 'who' };
const go = { name: 'go', type: 'manual', fromStatuses: ['new'], toStatus: 'new', actions: [link] };
const wait = { ...go, name: 'wait', actions: [{ type: 'delay', time: 1 }, link] };
const creation = { type: 'manual', toStatus: 'new', actions: [link] };
const base = {
  properties: { who: { type: 'string' } },
  transitions: [go, wait],
  readMode: ['creator'],
  updateMode: ['creator'],
};

/**
 * Parts whose every check of data takes so much of a write's second, and finds no fault. That the linked user exists is
 * known in the second round only.
 */
function partsWithChecksOf(milliseconds: number) {
  let used = 0;
  let checks = 0;
  const run = createBoundedRun(60_000, () => used);
  const check = () => {
    run(() => {
      checks += 1;
      used += milliseconds;
    });
    return undefined;
  };
  const parts = {
    database: service.database.forService<DataModel>('data'),
    services: { call: async (_name: string, { variables }: { variables: { ids: string[] } }) => answer(variables) },
    clock: () => Date.now() + 1_000,
    checksOf: createSchemaChecks(() => check),
  } as unknown as DataParts;
  return { parts, checks: () => checks };
}

const answer = ({ ids }: { ids: string[] }) => ({ existingUsers: ids });

async function started(more: object = {}) {
  const creator = person();
  const schemaName = await service.schema({ ...base, ...more });
  const identity: Identity & { userId: string } = { ...anonymous, userId: creator.userId };
  return { schemaName, creator, viewer: { identity, now: Date.now() } };
}

const tooLong = { code: 'BAD_USER_INPUT', message: expect.stringContaining('takes too long') };

// Two rounds of 600 are more than a second, two of 400 are not.
test('a creation has one second for all its rounds', async () => {
  const { schemaName, viewer } = await started({ creationTransition: creation });
  const [slow, quick] = [partsWithChecksOf(600), partsWithChecksOf(400)];
  const wanted = { schemaName, data: { who: newId() } };
  await expect(createDocument(wanted, viewer, slow.parts)).rejects.toMatchObject(tooLong);
  const { document } = await createDocument(wanted, viewer, quick.parts);
  expect([document.userIds, slow.checks(), quick.checks()]).toEqual([[wanted.data.who], 2, 2]);
});

test('a transition has one second for all its rounds', async () => {
  const { schemaName, creator, viewer } = await started();
  const id = await service.document(creator, schemaName);
  const [slow, quick] = [partsWithChecksOf(600), partsWithChecksOf(400)];
  const wanted = { id, name: 'go', data: { who: newId() } };
  await expect(transitionDocument(wanted, viewer, slow.parts)).rejects.toMatchObject(tooLong);
  const { document } = await transitionDocument(wanted, viewer, quick.parts);
  expect([document.userIds, slow.checks(), quick.checks()]).toEqual([[wanted.data.who], 2, 2]);
});

test('a transition that goes on after a delay has one second for all its rounds', async () => {
  const { schemaName, creator, viewer } = await started();
  const version = async (milliseconds: number) => {
    const id = await service.document(creator, schemaName);
    const { parts, checks } = partsWithChecksOf(milliseconds);
    await transitionDocument({ id, name: 'wait', data: { who: newId() } }, viewer, partsWithChecksOf(1).parts);
    const waiting = (await service.graph.jobs.queued()).find(({ data }) => data.documentId === id);
    await resumeDocumentJob(parts).run(waiting?.data ?? {}, { id: newId(), number: 1 });
    const document = await parts.database.db.document.findUniqueOrThrow({ where: { id } });
    return [document.version, document.lockedAt, checks()];
  };
  expect([await version(600), await version(400)]).toEqual([
    [1, null, 2],
    [2, null, 2],
  ]);
});
