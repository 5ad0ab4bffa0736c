// What the documents bench is about: the schema, and the people who ask, made over the public API as a product would.
import { type ApiClient, signIn } from '../api-client.ts';
import { administrator } from '../running-program.ts';
import { groupIdOf, personOfTheSecond, userIdOf } from './loader.ts';

export const schemaName = 'glucose-reading';

const definition = {
  properties: {
    mmol: { type: 'number', minimum: 0, maximum: 60 },
    takenAt: { type: 'string', format: 'date-time' },
    patientId: { type: 'string' },
    note: { type: 'string', maxLength: 500, queryable: false },
    reviewed: { type: 'boolean' },
  },
  statuses: { stored: {}, reviewed: {}, archived: {} },
  createMode: 'allUsers',
  readMode: ['creator', 'linkedUsers', 'linkedGroupStaff'],
  updateMode: ['creator', 'linkedGroupStaff'],
  creationTransition: {
    type: 'manual',
    toStatus: 'stored',
    actions: [{ type: 'linkCreator' }, { type: 'linkEnlistedGroups' }],
  },
  transitions: [
    { name: 'review', type: 'manual', fromStatuses: ['stored', 'archived'], toStatus: 'reviewed' },
    {
      name: 'archive',
      type: 'automatic',
      fromStatuses: ['reviewed'],
      toStatus: 'archived',
      actions: [{ type: 'set', field: 'reviewed', value: true }],
    },
  ],
  indexes: [
    { fields: [{ name: 'data.takenAt', type: 'desc' }] },
    {
      fields: [
        { name: 'data.patientId', type: 'asc' },
        { name: 'data.takenAt', type: 'desc' },
      ],
    },
  ],
};

/** Who asks: tokens of access. */
export interface Viewers {
  readonly global: string;
  readonly patient: string;
  readonly staffOf1: string;
  readonly staffOf100: string;
}

export type ViewerName = keyof Viewers;
export const viewerNames: readonly ViewerName[] = ['global', 'patient', 'staffOf1', 'staffOf100'];

/** The patient among those who were loaded, who is in one group. */
export const patient = { id: userIdOf(personOfTheSecond), groupNumber: (personOfTheSecond % 200) + 1 };

export async function createSchema(api: ApiClient, admin: string): Promise<string> {
  const { createDocumentSchema } = await api.call<{ createDocumentSchema: { schema: { id: string } } }>(
    {
      query: 'mutation ($input: CreateDocumentSchemaInput!) { createDocumentSchema(input: $input) { schema { id } } }',
      variables: { input: { name: schemaName, description: 'Capillary glucose values', definition } },
    },
    admin,
  );
  return createDocumentSchema.schema.id;
}

/** Resolves when every index of the schema is ready; rejects when one failed. */
export async function indexesReady(api: ApiClient, admin: string): Promise<void> {
  for (;;) {
    const { documentSchema } = await api.call<{ documentSchema: { indexes: { state: string; failure: string }[] } }>(
      { query: `{ documentSchema(name: "${schemaName}") { indexes { state failure } } }` },
      admin,
    );
    const failed = documentSchema.indexes.find(({ state }) => state === 'FAILED');
    if (failed !== undefined) throw new Error(`An index failed: ${failed.failure}`);
    if (documentSchema.indexes.every(({ state }) => state === 'READY')) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const password = 'Bench-Person-1';

/**
 * A global viewer, staff of the patient's group, staff of 100 groups, and the patient, who was loaded: `setPassword`
 * gives that account the password of another one.
 */
export async function createViewers(
  api: ApiClient,
  admin: string,
  setPassword: (userId: string, from: string) => Promise<string>,
): Promise<Viewers> {
  const staff = async (name: string, groupIds: string[]) => {
    const { id, email } = await createUser(api, admin, name);
    if (groupIds.length > 0) {
      await api.call(
        {
          query: 'mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id } } }',
          variables: { input: { userIds: [id], groupIds } },
        },
        admin,
      );
    }
    return { id, email };
  };
  const one = await staff('one', [groupIdOf(patient.groupNumber)]);
  const hundred = await staff(
    'hundred',
    Array.from({ length: 100 }, (_, index) => groupIdOf(index * 2 + 2)),
  );
  const patientEmail = await setPassword(patient.id, one.id);
  return {
    global: await signIn(api, administrator.email, administrator.password),
    patient: await signIn(api, patientEmail, password),
    staffOf1: await signIn(api, one.email, password),
    staffOf100: await signIn(api, hundred.email, password),
  };
}

async function createUser(api: ApiClient, admin: string, name: string): Promise<{ id: string; email: string }> {
  const email = `${name}@viewers.example`;
  const input = { email, firstName: name, lastName: 'Viewer', password };
  const { createUser } = await api.call<{ createUser: { user: { id: string } } }>(
    {
      query: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
      variables: { input },
    },
    admin,
  );
  return { id: createUser.user.id, email };
}
