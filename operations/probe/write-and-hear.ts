// The part of a probe that counts: a document is written, its event comes over the WebSocket, and it is deleted again.
import type { ProbeClient, ProbeSocket } from './probe-client.ts';
import { ProbeFailure } from './probe-failure.ts';

/** Who has the right makes it at the first probe; anybody may use it from then on. */
const schemaName = 'caregraph-probe';
const definition = {
  createMode: 'allUsers',
  readMode: ['creator'],
  updateMode: ['creator'],
  deleteMode: ['creator'],
  statuses: { written: {} },
  creationTransition: { type: 'manual', toStatus: 'written' },
  properties: { attempt: { type: 'number' } },
};

const operations = {
  logout: 'mutation { logout { user { id } } }',
  findSchema: 'query ($name: String!) { documentSchema(name: $name) { id } }',
  createSchema:
    'mutation ($input: CreateDocumentSchemaInput!) { createDocumentSchema(input: $input) { schema { id } } }',
  write: 'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id } } }',
  writeAgain: 'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { document { id } } }',
  remove: 'mutation ($input: DeleteDocumentInput!) { deleteDocument(input: $input) { deletedId } }',
  follow: 'subscription ($schemaName: String!) { documentChanged(schemaName: $schemaName) { documentId } }',
};

/** A subscription does not say when it has begun: what was written too early for it is written again. */
const againMilliseconds = 1_000;

/** Does one step of the probe and notes how long it took. */
export type Step = <T>(name: string, act: () => Promise<T>) => Promise<T>;

export interface WriteAndHearParts {
  readonly client: ProbeClient;
  readonly token: string;
  readonly step: Step;
}

export async function writeAndHear({ client, token, step }: WriteAndHearParts): Promise<void> {
  let socket: ProbeSocket | undefined;
  let documentId: string | undefined;
  let walked = false;
  const cleanUp = async () => {
    await socket?.close();
    if (documentId !== undefined) await client.runLate(operations.remove, { input: { id: documentId } }, token);
    await client.runLate(operations.logout, {}, token);
  };
  try {
    await step('schema', () => makeSchema(client, token));
    const opened = await step('connect', () => client.connect(token));
    socket = opened;
    const follow = followProbe(opened);
    const written = await step('write', () =>
      client.run<{ createDocument: { document: { id: string } } }>(
        operations.write,
        { input: { schemaName, data: { attempt: 1 } } },
        token,
      ),
    );
    const id = written.createDocument.document.id;
    documentId = id;
    await step('event', () => hearOf(id, follow, client, token));
    walked = true;
  } finally {
    // What failed before it is what matters.
    if (walked) await step('clean up', cleanUp);
    else await cleanUp().catch(() => undefined);
  }
}

async function makeSchema(client: ProbeClient, token: string): Promise<void> {
  const find = () => client.run<{ documentSchema: object | null }>(operations.findSchema, { name: schemaName }, token);
  if ((await find()).documentSchema !== null) return;
  const input = { name: schemaName, description: 'What npm run probe writes, and deletes again.', definition };
  try {
    await client.run(operations.createSchema, { input }, token);
  } catch (error) {
    // Another probe made it in the meantime.
    if ((await find()).documentSchema !== null) return;
    if (!(error instanceof ProbeFailure) || error.code !== 'FORBIDDEN') throw error;
    const what = `There is no schema ${schemaName} yet, and this account may not make it`;
    throw new ProbeFailure(what, 'an account with CREATE_SCHEMAS: probe with it once, then any account will do', {
      cause: error,
    });
  }
}

interface Following {
  /** Resolves when a change of this document was heard of. */
  of(id: string): Promise<void>;
  readonly ended: Promise<never>;
}

function followProbe(socket: ProbeSocket): Following {
  const heard = new Set<string>();
  let tell = () => {};
  let fail: (failure: ProbeFailure) => void = () => {};
  const ended = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  ended.catch(() => undefined);
  socket.subscribe<{ documentChanged: { documentId: string } }>(
    operations.follow,
    { schemaName },
    {
      onResult({ documentChanged }) {
        heard.add(documentChanged.documentId);
        tell();
      },
      onEnd: (failure) => fail(failure),
    },
  );
  return {
    ended,
    of: (id) =>
      new Promise((resolve) => {
        tell = () => {
          if (heard.has(id)) resolve();
        };
        tell();
      }),
  };
}

async function hearOf(id: string, follow: Following, client: ProbeClient, token: string): Promise<void> {
  const heard = follow.of(id);
  for (let attempt = 2; ; attempt += 1) {
    const came = await Promise.race([heard.then(() => true), follow.ended, again()]);
    if (came) return;
    await client.run(operations.writeAgain, { input: { id, data: { attempt } } }, token);
  }
}

function again(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), againMilliseconds).unref());
}
