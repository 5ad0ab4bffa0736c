// What the documents bench asks: each question as the body of a request, for a number that varies it.
import { groupIdOf, userIdOf } from './loader.ts';
import { patient, schemaName } from './setting.ts';

export type Question = (number: number) => string;

const fields = 'nodes { id status data createdAt } pageInfo { hasNextPage endCursor }';

const listing = `query ($filter: DocumentFilter, $orderBy: [DocumentOrder!], $first: Int, $after: String) {
  documents(schemaName: "${schemaName}", filter: $filter, orderBy: $orderBy, first: $first, after: $after) { ${fields} }
}`;

const body = (query: string, variables: Readonly<Record<string, unknown>> = {}) => JSON.stringify({ query, variables });

export const byTakenAt = [{ field: 'data.takenAt', direction: 'DESC' }] as const;

export function byId(ids: readonly string[]): Question {
  return (number) =>
    body('query ($id: ID!) { document(id: $id) { id status data createdAt } }', { id: ids[number % ids.length] });
}

export const newest: Question = () => body(listing, { first: 20 });

/** Half a year, beginning on another day each time. */
export const inRange: Question = (number) => {
  const from = new Date(1_700_000_000_000 + (number % 180) * 86_400_000);
  const to = new Date(from.getTime() + 180 * 86_400_000);
  const filter = { field: 'data.takenAt', ge: from.toISOString(), lt: to.toISOString() };
  return body(listing, { first: 20, filter, orderBy: byTakenAt });
};

export const ofPatient: Question = (number) => {
  const filter = { field: 'data.patientId', eq: userIdOf(1 + ((number * 97) % 20_000)) };
  return body(listing, { first: 20, filter, orderBy: byTakenAt });
};

/** The page after the cursor. */
export function pageAfter(after: string | undefined, orderBy?: typeof byTakenAt): Question {
  return () => body(listing, { first: 20, after, orderBy });
}

/** Only the cursor behind so many documents. */
export function cursorBehind(first: number, after: string | undefined, orderBy?: typeof byTakenAt) {
  return {
    query: `query ($orderBy: [DocumentOrder!], $first: Int, $after: String) {
      documents(schemaName: "${schemaName}", orderBy: $orderBy, first: $first, after: $after) { pageInfo { endCursor } }
    }`,
    variables: { first, after, orderBy },
  };
}

export const count: Question = () => body(`{ documents(schemaName: "${schemaName}", first: 1) { totalCount } }`);

export const create: Question = (number) =>
  body('mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id status } } }', {
    input: {
      schemaName,
      data: {
        mmol: (number % 300) / 10,
        takenAt: new Date(1_740_000_000_000 + number * 1000).toISOString(),
        patientId: patient.id,
      },
    },
  });

export function update(ids: readonly string[]): Question {
  return (number) =>
    body('mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { document { id version } } }', {
      input: { id: ids[number % ids.length], data: { mmol: (number % 300) / 10 + 0.05 } },
    });
}

/** Each runs `review`, which `archive` follows by itself. */
export function transition(ids: readonly string[]): Question {
  return (number) =>
    body(
      'mutation ($input: TransitionDocumentInput!) { transitionDocument(input: $input) { document { id status } } }',
      {
        input: { id: ids[number % ids.length], name: 'review' },
      },
    );
}

export const aggregate: Question = () =>
  body(
    `query ($filter: DocumentFilter) {
      documentAggregate(
        schemaName: "${schemaName}", filter: $filter, first: 1000
        groupBy: [{ field: "data.takenAt", bucket: DAY }], measures: [{ function: AVG, field: "data.mmol" }]
      ) { groups { keys count values } complete }
    }`,
    { filter: { field: 'groupIds', eq: groupIdOf(patient.groupNumber) } },
  );
