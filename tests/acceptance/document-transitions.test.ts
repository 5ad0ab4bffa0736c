// How documents move on over the public API: chains of automatic transitions, tasks, transitions that wait, several
// people at once, who may, and who is told.
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../platform/ids.ts';
import { type ApiDocuments, apiDocuments } from '../support/api-documents.ts';
import { type ApiPeople, apiPeople } from '../support/api-people.ts';
import { describeClinic } from '../support/describe-clinic.ts';
import { mutations as documentMutations } from '../support/document-operations.ts';
import { give } from '../support/document-writing.ts';
import type { GraphqlClient } from '../support/graphql-client.ts';
import { automatic, manual } from '../support/transitions.ts';

const properties = {
  n: { type: 'number' },
  note: { type: 'string' },
  who: { type: 'string' },
  meals: { type: 'array', items: { type: 'object', properties: { kcal: { type: 'number' } } } },
};
const statuses = { new: {}, open: {}, done: {} };
const own = { properties, statuses, readMode: ['creator'], updateMode: ['creator'], deleteMode: ['creator'] };
const task = (functionName: string, more: object = {}) => ({ type: 'task', functionName, ...more });
const set = (value: string) => ({ type: 'set', field: 'note', value });
const delay = { type: 'delay', time: 3_000 };
const where = (data: object) => ({
  type: 'document',
  configuration: { type: 'object', required: ['data'], properties: { data: { type: 'object', ...data } } },
});
const atLeast = (minimum: number) => ({ required: ['n'], properties: { n: { type: 'number', minimum } } });

describeClinic('transitions of documents', (world) => {
  let documents: ApiDocuments;
  let people: ApiPeople;

  beforeAll(() => {
    documents = apiDocuments(world.clinic.admin);
    people = apiPeople(world.shape.url, world.clinic.admin);
  });

  /** A document of Pat's own, of a schema with these transitions. */
  async function openWith(transitions: object[], data: object = {}, more: object = {}) {
    const schemaName = await documents.schema({ ...own, transitions, ...more });
    const who = world.clinic.pat;
    const { id } = await documents.create(who, schemaName, data);
    const go = (given: object = {}) => documents.send(who, 'transition', { id, name: 'go', ...given });
    return { schemaName, who, id, go };
  }
  const tasksOf = async (id: string, count: number) =>
    (await documents.eventsOf(id, count)).flatMap(({ content }) => content.functionName ?? []);
  async function unlocked(who: GraphqlClient, id: string) {
    for (const deadline = Date.now() + 45_000; ; await pause(100)) {
      const document = await documents.read(who, id);
      if (document.transitionLockedAt === null) return document;
      if (Date.now() > deadline) throw new Error('the transition did not go on in time');
    }
  }

  describe('the first that fits runs', () => {
    const set = (value: string) => ({ actions: [{ type: 'set', field: 'note', value }] });
    const sent = (minimum: number) => ({ type: 'input', configuration: { type: 'object', ...atLeast(minimum) } });
    const transitions = [
      manual('go', { fromStatuses: ['open'], ...set('elsewhere') }),
      manual('go', { conditions: [sent(100)], ...set('high') }),
      manual('go', { conditions: [sent(10)], ...set('middle') }),
      manual('go', { conditions: [sent(5)], ...set('low') }),
    ];

    test('of those with the name, or the one with the id; else it is refused', async () => {
      const { schemaName, who, id, go } = await openWith(transitions);
      const fault = await documents.refusedWithoutChange(who, 'transition', { id, name: 'go', data: { n: 1 } });
      expect(fault).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.data.n', code: 26 } });
      expect((await go({ data: { n: 20 } })).data).toEqual({ n: 20, note: 'middle' });
      const late = await documents.refusedWithoutChange(who, 'transition', { id, name: 'go', data: { n: 20 } });
      expect(late).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'input.name', code: 26 } });
      const [, , , low] = (await documents.readSchema(schemaName)).definition.transitions;
      const { id: another } = await documents.create(who, schemaName);
      const byId = { id: another, transitionId: low.id, data: { n: 20 } };
      expect((await documents.send(who, 'transition', byId)).data.note).toBe('low');
    });

    test('and what is expected must hold', async () => {
      const { who, id, go } = await openWith(transitions, { n: 1 });
      const data = { n: 20 };
      for (const [expectation, field] of [
        [{ expected: { field: 'data.n', eq: 2 } }, 'input.expected'],
        [{ expectedRql: 'eq(status,open)' }, 'input.expectedRql'],
      ] as const) {
        const given = { id, name: 'go', data, ...expectation };
        const fault = await documents.refusedWithoutChange(who, 'transition', given);
        expect(fault).toMatchObject({ code: 'CONFLICT', details: { field } });
      }
      const expected = { field: 'data.n', eq: 1 };
      expect((await go({ data, expected, expectedRql: 'eq(status,new)' })).status).toBe('done');
    });
  });

  describe('automatic transitions', () => {
    const follow = automatic('follow', { fromStatuses: ['new', 'open'], conditions: [where(atLeast(10))] });

    test('follow every change, if it makes them fit', async () => {
      // No text is so short: true where there is none.
      const bare = where({ required: ['meals'], properties: { note: { type: 'string', maxLength: 0 } } });
      const { schemaName, who, id } = await openWith([follow, automatic('bare', { conditions: [bare] })], {
        note: 'x',
      });
      expect((await documents.send(who, 'update', { id, data: { n: 9 } })).status).toBe('new');
      const updated = await documents.send(who, 'update', { id, data: { n: 10 } });
      expect(updated).toMatchObject({ status: 'done', version: 3 });
      expect((await documents.versions(who, id))[0]).toMatchObject({ kind: 'TRANSITIONED', transitions: ['follow'] });
      expect((await documents.eventsOf(id, 3)).map(({ type, content }) => [type, content.transitions])).toEqual([
        ['document_created', undefined],
        ['document_updated', undefined],
        ['document_transitioned', ['follow']],
      ]);

      const { id: second } = await documents.create(who, schemaName, { note: 'x', meals: [{ kcal: 1 }] });
      expect((await documents.send(who, 'deleteFields', { id: second, fields: ['note'] })).status).toBe('done');
      const { id: third } = await documents.create(who, schemaName);
      expect((await documents.send(who, 'addItem', { id: third, path: 'meals', item: {} })).status).toBe('done');
      expect((await documents.create(who, schemaName, { n: 10 })).status).toBe('done');
    });

    test('without end are refused with all that came before; fifty in a row are not', async () => {
      const names = Array.from({ length: 52 }, (_, index) => `s${index}`);
      const chain = names
        .slice(1)
        .map((toStatus, index) => automatic(`t${index}`, { fromStatuses: [`s${index}`], toStatus, actions: [] }));
      const circle = [
        automatic('there', {
          fromStatuses: ['open'],
          toStatus: 'done',
          actions: [task('again'), { type: 'linkCreator' }],
        }),
        automatic('back', { fromStatuses: ['done'], toStatus: 'open' }),
      ];
      const starts = [
        manual('go', { toStatus: 's1' }),
        manual('too-far', { toStatus: 's0' }),
        manual('round', { toStatus: 'open' }),
      ];
      const more = { statuses: { ...statuses, ...Object.fromEntries(names.map((name) => [name, {}])) } };
      const { who, id, go } = await openWith([...starts, ...chain, ...circle], {}, more);
      for (const name of ['too-far', 'round']) {
        const fault = await documents.refusedWithoutChange(who, 'transition', { id, name, data: { n: 1 } });
        expect(fault).toMatchObject({ code: 'ILLEGAL_STATE', details: { code: 27 } });
      }
      expect((await go()).status).toBe('s51');
      expect((await documents.eventsOf(id, 2)).map(({ type }) => type)).toEqual([
        'document_created',
        'document_transitioned',
      ]);
      expect((await documents.versions(who, id))[0].transitions).toHaveLength(51);
    });
  });

  test('tasks leave with the change, after-actions last, in the order of the transitions', async () => {
    const transitions = [
      manual('go', {
        toStatus: 'open',
        actions: [task('1', { priority: -3, data: { a: [1], documentId: 'mine' } })],
        afterActions: [task('3'), { type: 'notifyAlgoQueueManager' }],
      }),
      automatic('follow', { fromStatuses: ['open'], actions: [task('2')], afterActions: [task('4')] }),
    ];
    const { schemaName, who, id, go } = await openWith(transitions);
    await go();
    const events = (await documents.eventsOf(id, 6)).slice(1);
    expect(events.map(({ type, content }) => content.functionName ?? type)).toEqual([
      'document_transitioned',
      '1',
      '2',
      '3',
      '4',
    ]);
    const { id: schemaId } = await documents.readSchema(schemaName);
    expect(events[1]?.content).toEqual({
      functionName: '1',
      priority: -3,
      data: { a: [1], schemaId, documentId: id },
      initiatorId: who.userId,
    });
    const asker = (await who.ask('{ events { nodes { id } } }')).errors?.[0]?.extensions;
    expect(asker).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'VIEW_EVENTS' } });
  });

  describe('a transition that waits', () => {
    const remind = manual('go', {
      toStatus: 'open',
      actions: [task('before'), set('first'), delay, task('after'), set('second')],
      afterActions: [task('last')],
    });
    const close = automatic('close', { fromStatuses: ['open'] });

    test('locks the document as it is, then goes on by itself, and all of it is one version', async () => {
      const { who, id, go } = await openWith([remind, close], { n: 0 });
      const waiting = await go({ data: { n: 1 } });
      expect(waiting).toMatchObject({ status: 'new', version: 1, data: { n: 0 } });
      expect(waiting.transitionLockedAt).not.toBeNull();
      const { admin, karim } = world.clinic;
      for (const [mutation, input] of [
        ['update', { data: { n: 2 } }],
        ['deleteFields', { fields: ['n'] }],
        ['addItem', { path: 'meals', item: {} }],
        ['transition', { name: 'go' }],
        ['restore', { version: 1 }],
        ['link', { userIds: [karim.userId] }],
        ['unlink', { allUsers: true }],
      ] as const) {
        const fault = await documents.refusedWithoutChange(admin, mutation, { id, ...input });
        expect([mutation, fault]).toMatchObject([mutation, { code: 'LOCKED_DOCUMENT', details: { code: 415 } }]);
      }
      expect(await tasksOf(id, 2)).toEqual(['before']);
      const done = await unlocked(who, id);
      expect(done).toMatchObject({ status: 'done', version: 2, data: { n: 1, note: 'second' } });
      expect(await documents.versions(who, id)).toMatchObject([
        { version: 2, kind: 'TRANSITIONED', transitions: ['go', 'close'], user: { id: who.userId } },
        { version: 1, kind: 'CREATED' },
      ]);
      expect(await tasksOf(id, 5)).toEqual(['before', 'after', 'last']);
      expect((await documents.send(who, 'update', { id, data: { n: 3 } })).version).toBe(3);
    }, 300_000);

    test('at creation shows what was sent, and can be deleted meanwhile', async () => {
      const actions = [{ type: 'linkCreator' }, delay, set('later')];
      const more = { creationTransition: { type: 'manual', toStatus: 'open', actions } };
      const { schemaName, who, id } = await openWith([close], { n: 1 }, more);
      const { id: other } = await documents.create(who, schemaName, { n: 2 });
      expect(await documents.read(who, id)).toMatchObject({ status: 'open', version: 1, data: { n: 1 }, users: [] });
      expect((await documents.refused(who, 'update', { id: other, data: { n: 3 } })).code).toBe('LOCKED_DOCUMENT');
      await who.run(documentMutations.delete, { input: { id: other } });
      expect(await documents.read(who, other)).toBeNull();
      expect(await unlocked(who, id)).toMatchObject({
        status: 'done',
        version: 2,
        data: { n: 1, note: 'later' },
        users: [{ id: who.userId }],
      });
    }, 300_000);

    test('and cannot go on leaves the document as it was, free, and an event that says so', async () => {
      const link = { type: 'linkUserFromData', userIdField: 'who' };
      const { who, id, go } = await openWith([manual('go', { actions: [delay, link] })], { who: newId() });
      await go({ data: { n: 1 } });
      expect(await unlocked(who, id)).toMatchObject({ status: 'new', version: 1 });
      expect((await documents.eventsOf(id, 2)).map(({ type, content }) => [type, content.transition])).toEqual([
        ['document_created', undefined],
        ['document_transition_failed', 'go'],
      ]);
      expect((await documents.send(who, 'update', { id, data: { n: 2 } })).version).toBe(2);
    }, 300_000);
  });

  describe('of many who move a document on at once, one does', () => {
    const contestants = Array.from({ length: 12 }, (_, index) => index);
    const outcomes = async (who: GraphqlClient, id: string) => {
      const ask = (name: string) => who.ask(documentMutations.transition, { input: { id, name } });
      const answers = await Promise.all(contestants.map((one) => ask(one % 2 === 0 ? 'go' : 'stop')));
      return answers.map(({ errors }) => errors?.[0]?.extensions.details?.code ?? errors ?? 'won').sort();
    };

    test('the others find its condition gone', async () => {
      const transitions = [
        manual('go', { toStatus: 'open', actions: [task('once')] }),
        manual('stop', { actions: [task('once')] }),
        automatic('follow', { fromStatuses: ['open'] }),
      ];
      for (let round = 0; round < 5; round += 1) {
        const { who, id } = await openWith(transitions);
        expect(await outcomes(who, id)).toEqual([...contestants.slice(1).map(() => 26), 'won']);
        expect(await documents.read(who, id)).toMatchObject({ status: 'done', version: 2 });
        expect((await documents.eventsOf(id, 3)).map(({ type }) => type)).toEqual([
          'document_created',
          'document_transitioned',
          'task_requested',
        ]);
      }
    });

    test('the others find it locked while it waits', async () => {
      const waits = { actions: [{ ...delay, time: 60_000 }] };
      const { who, id } = await openWith([manual('go', waits), manual('stop', waits)]);
      expect(await outcomes(who, id)).toEqual([...contestants.slice(1).map(() => 415), 'won']);
    });
  });

  describe('TRANSITION_DOCUMENTS', () => {
    const creationTransition = { type: 'manual', toStatus: 'new', actions: [{ type: 'linkEnlistedGroups' }] };
    const closed = { updateMode: 'permissionRequired', creationTransition };
    const transitions = [manual('go'), manual('stop')];

    async function staffOf(groupId: string, ...permissions: string[]): Promise<GraphqlClient> {
      const { userId, client } = await people.newPerson();
      await give(world.clinic.admin, userId, { permissions, groupId });
      return client;
    }

    test('of all, of a schema, of one transition, everywhere or in a group of the document, moves and does no more', async () => {
      const { groupA } = world.clinic;
      const { schemaName, id: first, who: pat } = await openWith(transitions, {}, closed);
      const named = `TRANSITION_DOCUMENTS:${schemaName}`;
      const view = `VIEW_DOCUMENTS:${schemaName}`;
      const may = [
        (await people.newPerson(view, 'TRANSITION_DOCUMENTS')).client,
        (await people.newPerson(view, named)).client,
        (await people.newPerson(view, `${named}:go`)).client,
        await staffOf(groupA, view, 'TRANSITION_DOCUMENTS'),
        await staffOf(groupA, view, named),
        await staffOf(groupA, view, `${named}:go`),
      ];
      for (const [place, who] of may.entries()) {
        const { id } = await documents.create(pat, schemaName);
        const edit = await documents.refusedWithoutChange(who, 'update', { id, data: { n: 9 } });
        expect([place, edit]).toMatchObject([place, { code: 'FORBIDDEN' }]);
        expect([place, (await documents.send(who, 'transition', { id, name: 'go' })).status]).toEqual([place, 'done']);
      }
      // Who may move it on, but not see it, does so and is shown nothing.
      const blind = (await people.newPerson(`${named}:go`)).client;
      expect(await documents.refusedWithoutChange(blind, 'transition', { id: first, name: 'stop' })).toMatchObject({
        code: 'NOT_FOUND',
        details: { field: 'input.id', code: 16 },
      });
      expect(await documents.send(blind, 'transition', { id: first, name: 'go' })).toBeNull();
      expect((await documents.read(pat, first)).status).toBe('done');
    });

    test('of another schema or transition, or held in another group, is refused', async () => {
      const { schemaName, id } = await openWith(transitions, {}, { ...closed, readMode: 'allUsers' });
      const named = `TRANSITION_DOCUMENTS:${schemaName}`;
      const { groupA, groupB, pat } = world.clinic;
      for (const who of [
        pat,
        (await people.newPerson('TRANSITION_DOCUMENTS:other', `${named}:stop`)).client,
        await staffOf(groupA, `${named}:stop`, 'DELETE_DOCUMENTS'),
        await staffOf(groupB, 'TRANSITION_DOCUMENTS'),
      ]) {
        const fault = await documents.refusedWithoutChange(who, 'transition', { id, name: 'go' });
        expect(fault).toMatchObject({ code: 'FORBIDDEN', details: { permission: 'TRANSITION_DOCUMENTS' } });
      }
    });
  });

  test('who may see the document is told that it moved on, and nobody else', async () => {
    const { pat, jane, karim } = world.clinic;
    const creationTransition = { type: 'manual', toStatus: 'new', actions: [{ type: 'linkEnlistedGroups' }] };
    const more = { readMode: ['creator', 'linkedGroupStaff'], creationTransition };
    const follow = automatic('follow', { fromStatuses: ['open'] });
    const { schemaName, id, go } = await openWith([manual('go', { toStatus: 'open' }), follow], {}, more);
    const text = `subscription ($schemaName: String, $after: Position) {
      documentChanged(schemaName: $schemaName, after: $after) { kind documentId document { status version } }
    }`;
    // From the beginning on, so that nothing depends on when the gateway begins to follow.
    const [pats, janes, karims] = [pat, jane, karim].map((who) => who.subscribe(text, { schemaName, after: '0' }));
    await go();
    await documents.send(pat, 'update', { id, data: { n: 1 } });
    const document = { status: 'done', version: 3 };
    const joined = { kind: 'ACCESS_GAINED', documentId: null };
    for (const [told, before] of [
      [pats, []],
      // Before all of it, the staff came to see documents of their groups.
      [janes, [joined]],
    ] as const) {
      const received = (await told?.waitFor(3 + before.length)) ?? [];
      expect(received.map(({ data, errors }) => errors ?? data.documentChanged)).toMatchObject([
        ...before,
        { kind: 'CREATED', documentId: id },
        { kind: 'TRANSITIONED', documentId: id },
        { kind: 'UPDATED', documentId: id, document },
      ]);
    }
    expect((await karims?.waitFor(1))?.map(({ data }) => data.documentChanged)).toMatchObject([joined]);
    expect(karims?.failure).toBeUndefined();
    await Promise.all([pats, janes, karims].map((one) => one?.close()));
  });
});
