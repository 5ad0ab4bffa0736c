// Patients who write all the time: each creates documents and changes them, one write after the other, and remembers
// what was acknowledged. What was not may have happened or not; nothing is concluded from it.
import { setTimeout as pause } from 'node:timers/promises';
import { createGraphqlClient } from '../support/graphql-client.ts';
import type { Person, Setting } from './setting.ts';

export interface Writers {
  /** Document → the newest version of it that was acknowledged. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** Acknowledged writes so far. */
  written(): number;
  /** Resolves when the last write has been answered. */
  stop(): Promise<void>;
}

const create = 'mutation ($input: CreateDocumentInput!) { createDocument(input: $input) { document { id version } } }';
const update = 'mutation ($input: UpdateDocumentInput!) { updateDocument(input: $input) { document { id version } } }';
const changesOfDocument = 4;
const pauseMilliseconds = 60;

export function startWriters(url: string, { schemaName, wards }: Setting): Writers {
  const acknowledged = new Map<string, number>();
  let written = 0;
  let stopped = false;

  async function write(patient: Person): Promise<void> {
    const client = createGraphqlClient(url, patient.token);
    const send = async (mutation: string, input: object): Promise<string | undefined> => {
      const answer = await client.ask(mutation, { input }).catch(() => undefined);
      const payload = Object.values((answer?.data ?? {}) as Record<string, { document: Written | null } | null>)[0];
      if (payload?.document == null) return undefined;
      const { id, version } = payload.document;
      acknowledged.set(id, version);
      written += 1;
      return id;
    };
    for (let n = 0; !stopped; n += 1) {
      const id = await send(create, { schemaName, data: { n } });
      for (let change = 1; id !== undefined && change <= changesOfDocument && !stopped; change += 1) {
        await pause(pauseMilliseconds);
        await send(update, { id, data: { n: n + change / 10 } });
      }
      await pause(pauseMilliseconds);
    }
  }

  const done = Promise.all(wards.flatMap(({ patients }) => patients).map(write));
  return {
    acknowledged,
    written: () => written,
    async stop() {
      stopped = true;
      await done;
    },
  };
}

interface Written {
  readonly id: string;
  readonly version: number;
}
