// Writing documents over the public API, with what is said about them: whole payloads and refusals, and people with
// rights of their own.
import { apiDocuments } from './api-documents.ts';
import { mutations as clinicMutations } from './clinic.ts';
import { mutations, readVersions } from './document-operations.ts';
import type { GraphqlAnswer, GraphqlClient } from './graphql-client.ts';

const writing = {
  ...mutations,
  comment: `mutation ($input: CreateDocumentCommentInput!) {
    createDocumentComment(input: $input) { comment { id text creator { firstName } } }
  }`,
  updateComment: `mutation ($input: UpdateDocumentCommentInput!) {
    updateDocumentComment(input: $input) { comment { id text } }
  }`,
  deleteComment:
    'mutation ($input: DeleteDocumentCommentInput!) { deleteDocumentComment(input: $input) { deletedId } }',
} as const;

export type Writing = keyof typeof writing;

export interface Refusal {
  readonly code: string;
  readonly details: { readonly field?: string; readonly code?: number; readonly permission?: string } | undefined;
  readonly message: string;
}

/** The first error of an answer, which must not be one that nobody thought of. */
export function refusalOf({ status, errors, data }: GraphqlAnswer): Refusal {
  const [error] = errors ?? [];
  if (error === undefined) throw new Error(`not refused, but ${JSON.stringify(data)}`);
  const { code, details } = error.extensions;
  if (status >= 500 || code === 'INTERNAL_SERVER_ERROR') throw new Error(`${status} ${JSON.stringify(errors)}`);
  return { code, details, message: error.message };
}

// Tests read answers loosely; what they expect stands in their assertions.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Data = any;

/** The payload of a mutation that is not refused. */
export async function send(client: GraphqlClient, mutation: Writing, input: object): Promise<Data> {
  return Object.values(await client.run(writing[mutation], { input }))[0];
}

export async function refused(client: GraphqlClient, mutation: Writing, input: object): Promise<Refusal> {
  return refusalOf(await client.ask(writing[mutation], { input }));
}

/** Undefined when it was done. */
export async function codeOf(client: GraphqlClient, mutation: Writing, input: object): Promise<string | undefined> {
  const answer = await client.ask(writing[mutation], { input });
  return answer.errors === undefined ? undefined : refusalOf(answer).code;
}

export const read = (client: GraphqlClient, id: string): Promise<Data> => apiDocuments(client).read(client, id);

export async function versionsOf(client: GraphqlClient, id: string, page: object = {}): Promise<Data> {
  return (await client.run(readVersions, { id, ...page })).document.versions;
}

/** The name of a new schema. */
export const newSchema = (admin: GraphqlClient, definition: object): Promise<string> =>
  apiDocuments(admin).schema(definition);

/** The id of a new document. */
export async function newDocument(client: GraphqlClient, schemaName: string, data: object = {}): Promise<string> {
  return (await send(client, 'create', { schemaName, data })).document.id;
}

export async function disable(admin: GraphqlClient, name: string): Promise<void> {
  await apiDocuments(admin).change('disableDocumentSchema', { name });
}

export interface Rights {
  readonly permissions: readonly string[];
  /** As staff of this group; else everywhere. */
  readonly groupId?: string;
}

/** Makes somebody staff of a group, or holder of permissions everywhere. */
export async function give(admin: GraphqlClient, userId: string, { permissions, groupId }: Rights): Promise<void> {
  const roleIds: string[] = [];
  if (permissions.length > 0) {
    const name = `role-${Math.random().toString(36).slice(2, 12)}`;
    const input = groupId === undefined ? { name } : { name, groupId };
    const { role } = (await admin.run(clinicMutations.createRole, { input })).createRole;
    roleIds.push(role.id);
    await admin.run(clinicMutations.addPermissions, { input: { roleIds, permissions } });
  }
  const userIds = [userId];
  if (groupId === undefined) await admin.run(clinicMutations.addRoles, { input: { userIds, roleIds } });
  else await admin.run(clinicMutations.addStaff, { input: { userIds, groupIds: [groupId], roleIds } });
}
