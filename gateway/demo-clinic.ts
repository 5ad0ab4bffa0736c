// A small demo clinic, made through the public API as any client would, when the database is empty but for its
// administrator. It has two practices with staff and patients, a schema and some measurements.
import { randomBytes } from 'node:crypto';
import { permissionNames } from '../platform/access/permissions.ts';
import type { IdentityData } from '../platform/identity/identity.ts';
import { identityFrom } from '../platform/identity/identity.ts';
import { newId } from '../platform/ids.ts';
import type { SignIn } from './announce.ts';
import { readKnownOperation } from './protection/read-operation.ts';
import type { RunningGateway } from './start-gateway.ts';

type Run = <T>(query: string, variables: Record<string, unknown>, as?: IdentityData) => Promise<T>;

const bloodPressure = {
  createMode: 'allUsers',
  readMode: ['creator', 'linkedGroupStaff'],
  updateMode: ['creator', 'linkedGroupStaff'],
  deleteMode: ['creator'],
  statuses: { recorded: {} },
  creationTransition: {
    type: 'manual',
    toStatus: 'recorded',
    conditions: [{ type: 'input', configuration: { type: 'object', required: ['systolic', 'diastolic'] } }],
    actions: [{ type: 'linkCreator' }, { type: 'linkEnlistedGroups' }],
  },
  properties: {
    systolic: { type: 'number', minimum: 30, maximum: 300 },
    diastolic: { type: 'number', minimum: 20, maximum: 200 },
    takenAt: { type: 'string', format: 'date-time' },
    note: { type: 'string', maxLength: 500 },
  },
};

/** The sign-ins made; none when there is something already. */
export async function seedDemoClinic(
  gateway: Pick<RunningGateway, 'operations' | 'supergraph'>,
): Promise<readonly SignIn[]> {
  const operator: IdentityData = { userId: newId(), permissions: [...permissionNames] };
  const run: Run = async (query, variables, as = operator) => {
    const { schema } = gateway.supergraph.current();
    const context = { caller: { identity: identityFrom(as) }, requestId: newId() };
    const { data, errors } = await gateway.operations.execute(readKnownOperation(query, variables, schema), context);
    if (errors !== undefined) throw new Error(`The demo clinic cannot be made: ${errors[0]?.message}`);
    return data?.toJSON() as never;
  };
  const { groups, users } = await run<{ groups: Count; users: Count }>(
    '{ groups { totalCount } users { totalCount } }',
    {},
  );
  if (groups.totalCount > 0 || users.totalCount > 1) return [];
  return makeClinic(run);
}

interface Count {
  readonly totalCount: number;
}

async function makeClinic(run: Run): Promise<readonly SignIn[]> {
  // One password for all, made anew for each installation, so that no demo is ever open to whoever read the docs.
  const password = `Demo-${randomBytes(5).toString('hex')}`;
  const signIns: SignIn[] = [];
  const person = async (firstName: string, lastName: string, who: string): Promise<string> => {
    const email = `${firstName.toLowerCase()}@demo.caregraph.example`;
    const { createUser } = await run<{ createUser: { user: { id: string } } }>(
      'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
      { input: { email, firstName, lastName, password } },
    );
    signIns.push({ email, password, who });
    return createUser.user.id;
  };
  const group = async (name: string, description: string): Promise<string> => {
    const { createGroup } = await run<{ createGroup: { group: { id: string } } }>(
      'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { group { id } } }',
      { input: { name, description } },
    );
    return createGroup.group.id;
  };
  const role = async (name: string, permissions: readonly string[], groupId?: string): Promise<string> => {
    const { createRole } = await run<{ createRole: { role: { id: string } } }>(
      'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }',
      { input: { name, ...(groupId === undefined ? {} : { groupId }) } },
    );
    await run(
      'mutation ($input: AddPermissionsToRolesInput!) { addPermissionsToRoles(input: $input) { roles { id } } }',
      {
        input: { roleIds: [createRole.role.id], permissions },
      },
    );
    return createRole.role.id;
  };
  const staff = (userId: string, groupId: string, roleIds: readonly string[]) =>
    run('mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id } } }', {
      input: { userIds: [userId], groupIds: [groupId], roleIds },
    });
  const patient = (userId: string, groupId: string) =>
    run('mutation ($input: AddPatientInput!) { addPatient(input: $input) { user { id } } }', {
      input: { userId, groupId },
    });

  const administrator = await person('Ada', 'Admin', 'administrator: holds every permission');
  await run('mutation ($input: AddRolesToUsersInput!) { addRolesToUsers(input: $input) { users { id } } }', {
    input: { userIds: [administrator], roleIds: [await role('demo administrator', permissionNames)] },
  });
  const north = await group('Practice North', 'General practice in the north of the town');
  const south = await group('Practice South', 'General practice in the south of the town');
  const rights = ['VIEW_DOCUMENTS', 'UPDATE_DOCUMENTS'];
  await staff(await person('Jane', 'Jansen', 'physician at Practice North'), north, [
    await role('physician', rights, north),
  ]);
  await staff(await person('Karim', 'Karimi', 'physician at Practice South'), south, [
    await role('physician', rights, south),
  ]);
  const pat = await person('Pat', 'Peeters', 'patient at Practice North');
  const rosa = await person('Rosa', 'Rossi', 'patient at Practice South');
  await patient(pat, north);
  await patient(rosa, south);
  await measurements(run, [
    {
      patient: pat,
      group: north,
      values: [
        [128, 82],
        [135, 88],
        [122, 79],
      ],
    },
    {
      patient: rosa,
      group: south,
      values: [
        [117, 75],
        [142, 91],
      ],
    },
  ]);
  return signIns;
}

interface Series {
  readonly patient: string;
  readonly group: string;
  readonly values: readonly (readonly [systolic: number, diastolic: number])[];
}

/** Recorded as the patients themselves. */
async function measurements(run: Run, all: readonly Series[]): Promise<void> {
  await run('mutation ($input: CreateDocumentSchemaInput!) { createDocumentSchema(input: $input) { schema { id } } }', {
    input: { name: 'blood-pressure', description: 'Blood pressure as measured at home', definition: bloodPressure },
  });
  for (const { patient, group, values } of all) {
    for (const [systolic, diastolic] of values) {
      await run(
        'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id } } }',
        { input: { schemaName: 'blood-pressure', data: { systolic, diastolic, takenAt: new Date().toISOString() } } },
        { userId: patient, patient: [{ groupId: group }] },
      );
    }
  }
}
