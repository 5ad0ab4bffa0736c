// What clients send to administer schemas, and to read them; for tests.
const fields = 'id name description definition disabled updatedAt';

const answers: Readonly<Record<string, string>> = {
  createDocumentSchema: `schema { ${fields} }`,
  deleteDocumentSchema: 'deletedId',
};

/** The text of a mutation of schemas; most answer with the schema and what changed of it. */
export function schemaMutation(mutation: string): string {
  const input = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
  const answer = answers[mutation] ?? `schema { ${fields} } changes { path kind }`;
  return `mutation ($input: ${input}) { ${mutation}(input: $input) { ${answer} } }`;
}

export const readSchema = `query ($name: String!) { documentSchema(name: $name) {
  ${fields} indexes { id fields { name type } unique sparse system state failure }
} }`;
