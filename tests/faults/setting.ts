// Whom a run of faults is about: wards with nurses and patients, people without a ward, and who may see everything; made
// over the public API. Patients write, everybody but them listens.
import type { GraphqlClient } from '../support/graphql-client.ts';
import { signIn } from '../support/graphql-client.ts';

export interface Setting {
  readonly admin: GraphqlClient;
  readonly schemaName: string;
  readonly wards: readonly Ward[];
  /** Sees nothing, until `changes` say otherwise. */
  readonly strangers: readonly Person[];
}

export interface Ward {
  readonly groupId: string;
  readonly nurses: readonly Person[];
  readonly patients: readonly Person[];
}

export interface Person {
  readonly userId: string;
  readonly token: string;
}

export const operations = {
  createUser: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
  createGroup: 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { group { id } } }',
  addStaff: 'mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id } } }',
  removeStaff: 'mutation ($input: RemoveStaffInput!) { removeStaff(input: $input) { users { id } } }',
  addPatient: 'mutation ($input: AddPatientInput!) { addPatient(input: $input) { user { id } } }',
  createSchema:
    'mutation ($input: CreateDocumentSchemaInput!) { createDocumentSchema(input: $input) { schema { id } } }',
} as const;

const wardNumbers = [0, 1, 2, 3, 4] as const;
const nursesOfWard = 3;
const patientsOfWard = 2;
const strangers = 2;
const password = 'Correct-Horse-1';
const schemaName = 'vitals';

const definition = {
  readMode: ['creator', 'linkedGroupStaff'],
  updateMode: ['creator'],
  statuses: { recorded: {} },
  creationTransition: { type: 'manual', toStatus: 'recorded', actions: [{ type: 'linkEnlistedGroups' }] },
  properties: { n: { type: 'number' } },
};

export async function openSetting(url: string, account: { email: string; password: string }): Promise<Setting> {
  const admin = await signIn(url, account.email, account.password);
  let people = 0;
  const person = async (join: (userId: string) => Promise<unknown>): Promise<Person> => {
    people += 1;
    const email = `person-${people}@faults.example`;
    const input = { email, firstName: 'Person', lastName: `${people}`, password };
    const userId: string = (await admin.run(operations.createUser, { input })).createUser.user.id;
    await join(userId);
    return { userId, token: (await signIn(url, email, password)).token ?? '' };
  };
  await admin.run(operations.createSchema, { input: { name: schemaName, description: '', definition } });
  const wards: Ward[] = [];
  for (const number of wardNumbers) {
    const input = { name: `Ward ${number}`, description: '' };
    const groupId: string = (await admin.run(operations.createGroup, { input })).createGroup.group.id;
    const nurse = () =>
      person((userId) => admin.run(operations.addStaff, { input: { userIds: [userId], groupIds: [groupId] } }));
    const patient = () => person((userId) => admin.run(operations.addPatient, { input: { userId, groupId } }));
    wards.push({ groupId, nurses: await inTurn(nursesOfWard, nurse), patients: await inTurn(patientsOfWard, patient) });
  }
  return { admin, schemaName, wards, strangers: await inTurn(strangers, () => person(async () => undefined)) };
}

async function inTurn<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) made.push(await make());
  return made;
}
