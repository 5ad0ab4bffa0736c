// What clients send to write documents, and to read their history; for tests.
const fields = `id status statusChangedAt version data transitionLockedAt creator { id } users { id } groups { id }
  files { id } updatedAt`;

const writing = (name: string, input: string, more = '') =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { document { ${fields} } ${more} } }`;

export const mutations = {
  create: writing('createDocument', 'CreateDocumentInput'),
  update: writing('updateDocument', 'UpdateDocumentInput'),
  deleteFields: writing('deleteDocumentFields', 'DeleteDocumentFieldsInput'),
  addItem: writing('addDocumentItem', 'AddDocumentItemInput', 'item'),
  updateItem: writing('updateDocumentItem', 'UpdateDocumentItemInput', 'item'),
  deleteItem: writing('deleteDocumentItem', 'DeleteDocumentItemInput'),
  transition: writing('transitionDocument', 'TransitionDocumentInput'),
  restore: writing('restoreDocument', 'RestoreDocumentInput'),
  link: writing('linkDocument', 'LinkDocumentInput'),
  unlink: writing('unlinkDocument', 'UnlinkDocumentInput'),
  delete: 'mutation ($input: DeleteDocumentInput!) { deleteDocument(input: $input) { deletedId } }',
} as const;

export type DocumentMutation = keyof typeof mutations;

export const readDocument = `query ($id: ID!) { document(id: $id) { ${fields} } }`;

export const readVersions = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  document(id: $id) { versions(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { version kind transitions status user { id } at changes { path before after } data }
  } }
}`;
