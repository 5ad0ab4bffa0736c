// The bench of the whole stack: the all-in-one program on the embedded database under load, over its public API.
import { setTimeout as delay } from 'node:timers/promises';
import { createApiClient } from './api-client.ts';
import { createDocumentBody, schemaName, setUpClinic } from './clinic.ts';
import { applyLoad, type LoadResult } from './load.ts';
import { progress } from './progress.ts';
import { startProgram } from './running-program.ts';

const concurrency = 10;
const clinicSize = { patients: 200, documents: 500, recordingPatients: 10 };

const me = `query { me {
  id firstName lastName
  staffEnlistments { group { name } roles { name permissions } }
  patientEnlistments { group { name } expired }
} }`;

const documents = `query ($schemaName: String!) {
  documents(schemaName: $schemaName, first: 20) {
    nodes { id status data createdAt creator { firstName lastName } groups { name } }
    pageInfo { hasNextPage endCursor }
  }
}`;

export async function benchStack(): Promise<object> {
  progress('starting the program');
  const program = await startProgram();
  const api = createApiClient(program.url, concurrency);
  try {
    progress(`ready after ${program.readyMs} ms`);
    await delay(3_000);
    const idle = program.rssMB();
    const clinic = await setUpClinic(api, clinicSize);

    const measure = async (what: string, token: string, body: (number: number) => string): Promise<LoadResult> => {
      progress(`loading: ${what}`);
      let number = 0;
      const result = await applyLoad({
        concurrency,
        warmUpMs: 3_000,
        measureMs: 10_000,
        cpuMs: program.cpuMs,
        ask: () => api.send(body(number++), token),
      });
      progress(
        `${result.rps} requests/s, p50 ${result.p50} ms, p99 ${result.p99} ms, CPU ${result.cpuMsPerRequest} ms each`,
      );
      return result;
    };

    const page = JSON.stringify({ query: documents, variables: { schemaName } });
    const operations = {
      me: await measure('me with enlistments', clinic.physicianToken, () => JSON.stringify({ query: me })),
      documents: await measure('a page of 20 documents', clinic.physicianToken, () => page),
      createDocument: await measure('createDocument', clinic.patientToken, createDocumentBody),
    };
    return {
      readyMs: program.readyMs,
      concurrency,
      clinic: clinicSize,
      operations,
      rssMB: { idle, loaded: program.rssMB() },
    };
  } finally {
    await api.close();
    await program.stop();
  }
}
