// The clinic of the acceptance scenario, made over the public API: groups A and B, their staff and their patients.
import type { GraphqlClient } from './graphql-client.ts';
import { signIn } from './graphql-client.ts';
import type { Shape } from './shapes.ts';

export interface Clinic {
  readonly admin: GraphqlClient;
  readonly groupA: string;
  readonly groupB: string;
  /** Staff of A with VIEW_DOCUMENTS, UPDATE_DOCUMENTS, VIEW_PATIENTS there; ADD_STAFF and REMOVE_STAFF everywhere. */
  readonly jane: GraphqlClient;
  /** Staff of B with ADD_STAFF there. */
  readonly karim: GraphqlClient;
  /** Patients of A. */
  readonly pat: GraphqlClient;
  readonly quinn: GraphqlClient;
  /** Patient of B. */
  readonly rosa: GraphqlClient;
  /** The name of the schema of blood pressures. */
  readonly schemaName: string;
  createUser(firstName: string): Promise<string>;
  signInAs(firstName: string): Promise<GraphqlClient>;
}

export const mutations = {
  createUser: 'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
  createGroup: 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { group { id } } }',
  createRole: 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { role { id } } }',
  addPermissions:
    'mutation ($input: AddPermissionsToRolesInput!) { addPermissionsToRoles(input: $input) { roles { id permissions } } }',
  addRoles: 'mutation ($input: AddRolesToUsersInput!) { addRolesToUsers(input: $input) { users { id } } }',
  addStaff: 'mutation ($input: AddStaffInput!) { addStaff(input: $input) { users { id } } }',
  removeStaff: 'mutation ($input: RemoveStaffInput!) { removeStaff(input: $input) { users { id } } }',
  addPatient: 'mutation ($input: AddPatientInput!) { addPatient(input: $input) { user { id } } }',
  removePatient: 'mutation ($input: RemovePatientInput!) { removePatient(input: $input) { user { id } } }',
  createSchema:
    'mutation ($input: CreateDocumentSchemaInput!) { createDocumentSchema(input: $input) { schema { id name } } }',
  createDocument: 'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id data } } }',
  updateDocument: 'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { document { id data } } }',
  deleteDocument: 'mutation ($input: DeleteDocumentInput!) { deleteDocument(input: $input) { deletedId } }',
  linkDocument:
    'mutation ($input: LinkDocumentInput!) { linkDocument(input: $input) { document { id files { id } } } }',
  createFile: 'mutation ($input: CreateFileInput!) { createFile(input: $input) { file { id } uploadUrl } }',
} as const;

export const bloodPressure = {
  readMode: ['creator', 'linkedGroupStaff'],
  statuses: { recorded: {} },
  creationTransition: {
    type: 'manual',
    toStatus: 'recorded',
    actions: [{ type: 'linkCreator' }, { type: 'linkEnlistedGroups' }],
  },
  properties: {
    systolic: { type: 'number', minimum: 0, maximum: 400 },
    diastolic: { type: 'number', minimum: 0, maximum: 300 },
    note: { type: 'string', maxLength: 100 },
  },
};

const password = 'Correct-Horse-1';

export async function openClinic(shape: Shape): Promise<Clinic> {
  const admin = await signIn(shape.url, shape.admin.email, shape.admin.password);
  // Names of their own, so that a shape can hold more than one clinic.
  const mark = Math.random().toString(36).slice(2, 10);
  const emailOf = (firstName: string) => `${firstName.toLowerCase()}.${mark}@example.org`;
  const createUser = async (firstName: string): Promise<string> => {
    const input = { email: emailOf(firstName), firstName, lastName: `Of ${mark}`, password, language: 'EN' };
    return (await admin.run(mutations.createUser, { input })).createUser.user.id;
  };
  const signInAs = (firstName: string) => signIn(shape.url, emailOf(firstName), password);
  const group = async (name: string): Promise<string> =>
    (await admin.run(mutations.createGroup, { input: { name, description: `Group ${name}` } })).createGroup.group.id;
  const role = async (name: string, permissions: readonly string[], groupId?: string): Promise<string> => {
    const input = { name, description: name, ...(groupId === undefined ? {} : { groupId }) };
    const { id } = (await admin.run(mutations.createRole, { input })).createRole.role;
    await admin.run(mutations.addPermissions, { input: { roleIds: [id], permissions } });
    return id;
  };

  const [groupA, groupB] = [await group(`A ${mark}`), await group(`B ${mark}`)];
  const names = ['Jane', 'Karim', 'Pat', 'Quinn', 'Rosa'] as const;
  const [jane, karim, pat, quinn, rosa] = (await Promise.all(names.map(createUser))) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const physician = await role('physician', ['VIEW_DOCUMENTS', 'UPDATE_DOCUMENTS', 'VIEW_PATIENTS'], groupA);
  const configurator = await role('configurator', ['ADD_STAFF', 'REMOVE_STAFF']);
  const lead = await role('lead', ['ADD_STAFF'], groupB);
  await admin.run(mutations.addStaff, { input: { userIds: [jane], groupIds: [groupA], roleIds: [physician] } });
  await admin.run(mutations.addStaff, { input: { userIds: [karim], groupIds: [groupB], roleIds: [lead] } });
  await admin.run(mutations.addRoles, { input: { userIds: [jane], roleIds: [configurator] } });
  for (const [userId, groupId] of [
    [pat, groupA],
    [quinn, groupA],
    [rosa, groupB],
  ]) {
    await admin.run(mutations.addPatient, { input: { userId, groupId } });
  }
  const schemaName = `blood-pressure-${mark}`;
  await admin.run(mutations.createSchema, {
    input: { name: schemaName, description: 'Blood pressure', definition: bloodPressure },
  });
  const clients = await Promise.all(names.map(signInAs));
  const [janeClient, karimClient, patClient, quinnClient, rosaClient] = clients as [
    GraphqlClient,
    GraphqlClient,
    GraphqlClient,
    GraphqlClient,
    GraphqlClient,
  ];
  return {
    admin,
    groupA,
    groupB,
    schemaName,
    createUser,
    signInAs,
    jane: janeClient,
    karim: karimClient,
    pat: patClient,
    quinn: quinnClient,
    rosa: rosaClient,
  };
}
