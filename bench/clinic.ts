// Sets up a clinic over the public API: a group with staff and patients, and measurements that the patients recorded.
import { type ApiClient, signIn } from './api-client.ts';
import { progress } from './progress.ts';
import { administrator } from './running-program.ts';

export interface ClinicSize {
  readonly patients: number;
  readonly documents: number;
  /** As many patients sign in and record the documents in turn. */
  readonly recordingPatients: number;
}

export interface Clinic {
  /** Staff of the group, with a role that may see its documents. */
  readonly physicianToken: string;
  readonly patientToken: string;
}

export const schemaName = 'blood-pressure';

const password = 'Bench-Person-1';

export async function setUpClinic(api: ApiClient, size: ClinicSize): Promise<Clinic> {
  const admin = await signIn(api, administrator.email, administrator.password);
  const { createGroup } = await api.call<{ createGroup: { group: { id: string } } }>(
    {
      query: 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { group { id } } }',
      variables: { input: { name: 'Clinic', description: 'Where the bench is set.' } },
    },
    admin,
  );
  const groupId = createGroup.group.id;
  await createSchema(api, admin);
  const physician = await addPhysician(api, admin, groupId);

  progress(`creating ${size.patients} patients`);
  const addresses = Array.from({ length: size.patients }, (_, number) => `patient-${number}@bench.example`);
  await inParallel(addresses, 4, async (email, number) => {
    const userId = await createUser(api, admin, { email, firstName: `Patient ${number}` });
    await api.call(
      {
        query: 'mutation ($input: AddPatientInput!) { addPatient(input: $input) { user { id } } }',
        variables: { input: { userId, groupId } },
      },
      admin,
    );
  });

  progress(`creating ${size.documents} documents`);
  const tokens = await Promise.all(
    addresses.slice(0, size.recordingPatients).map((email) => signIn(api, email, password)),
  );
  await inParallel(Array.from({ length: size.documents }), 4, async (_, number) => {
    await api.send(createDocumentBody(number), at(tokens, number % tokens.length));
  });
  return { physicianToken: await signIn(api, physician, password), patientToken: at(tokens, 0) };
}

/** The body of a request that records a measurement. */
export function createDocumentBody(number: number): string {
  return JSON.stringify({
    query:
      'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id status createdAt } } }',
    variables: {
      input: {
        schemaName,
        data: { systolic: 100 + (number % 80), diastolic: 60 + (number % 40), comment: 'At rest.' },
      },
    },
  });
}

async function createSchema(api: ApiClient, admin: string): Promise<void> {
  const definition = {
    properties: { systolic: { type: 'number' }, diastolic: { type: 'number' }, comment: { type: 'string' } },
    statuses: { recorded: {} },
    createMode: 'allUsers',
    readMode: ['creator', 'linkedGroupStaff'],
    updateMode: ['creator', 'linkedGroupStaff'],
    creationTransition: {
      type: 'manual',
      toStatus: 'recorded',
      actions: [{ type: 'linkCreator' }, { type: 'linkEnlistedGroups' }],
    },
  };
  await api.call(
    {
      query: 'mutation ($input: CreateDocumentSchemaInput!) { createDocumentSchema(input: $input) { schema { id } } }',
      variables: { input: { name: schemaName, description: 'Blood pressure at rest.', definition } },
    },
    admin,
  );
}

/** The e-mail address of a new member of the staff. */
async function addPhysician(api: ApiClient, admin: string, groupId: string): Promise<string> {
  const email = 'physician@bench.example';
  const userId = await createUser(api, admin, { email, firstName: 'Jane' });
  const { createRole } = await api.call<{ createRole: { role: { id: string } } }>(
    {
      query: 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }',
      variables: { input: { name: 'physician', groupId } },
    },
    admin,
  );
  const roleIds = [createRole.role.id];
  await api.call(
    {
      query: `mutation ($permissions: AddPermissionsToRolesInput!, $staff: AddStaffInput!) {
        addPermissionsToRoles(input: $permissions) { roles { id } }
        addStaff(input: $staff) { users { id } }
      }`,
      variables: {
        permissions: { roleIds, permissions: ['VIEW_DOCUMENTS', 'UPDATE_DOCUMENTS', 'VIEW_PATIENTS'] },
        staff: { userIds: [userId], groupIds: [groupId], roleIds },
      },
    },
    admin,
  );
  return email;
}

async function createUser(
  api: ApiClient,
  admin: string,
  person: { readonly email: string; readonly firstName: string },
): Promise<string> {
  const { createUser } = await api.call<{ createUser: { user: { id: string } } }>(
    {
      query: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
      variables: { input: { ...person, lastName: 'Bench', password } },
    },
    admin,
  );
  return createUser.user.id;
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T, index: number) => Promise<void>) {
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) await work(item, index);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`There is no item ${index}.`);
  return item;
}
