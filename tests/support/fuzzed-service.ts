// The service `data` under fuzzing: asked anything, it answers or refuses as clients may be told, within the time that a
// query has; and values never become a part of a statement.
import { expect } from '@jest/globals';
import type { IdentityData } from '../../platform/identity/identity.ts';
import type { DataService } from './data-service.ts';
import { watchStatements } from './watched-statements.ts';

/** What a query may take (QUERY_TIMEOUT). */
const queryMilliseconds = 10_000;

/** What messages of ours never say: pieces of SQL, places in code, what Prisma and PostgreSQL tell. */
const inward =
  /SELECT |INSERT INTO|WHERE |jsonb|::text|\$queryRaw|[Pp]risma|PostgreSQL|node_modules|\.ts:\d|invalid byte sequence|syntax error|Something went wrong|Maximum call stack/;

export interface FuzzedAnswer {
  /** Undefined for an answer without errors. */
  readonly code: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers loosely; what they expect stands in their assertions
  readonly data: any;
}

export interface FuzzedService {
  /** Asks; fails for an answer that no client should get. `codes`: those that refusals may have. */
  ask(
    request: { readonly query: string; readonly variables: object },
    options: { readonly viewer: IdentityData; readonly codes: readonly string[] },
  ): Promise<FuzzedAnswer>;
  /** Fails when a message is not for clients. */
  checkMessage(message: string): void;
  /** What statements were sent since the last time; fails for one that has a value in it. */
  checkStatements(): readonly string[];
  /** In how many statements marked values were bound. */
  bound(): number;
  stop(): void;
}

/** `marks`: stand in the values sent, and in nothing else. */
export function fuzzedService({ graph }: DataService, marks: RegExp): FuzzedService {
  const watched = watchStatements(marks);
  const fuzzed: FuzzedService = {
    async ask({ query, variables }, { viewer, codes }) {
      // Of the processor: what else the machine does is not the query's.
      const begin = process.cpuUsage();
      const { data, errors = [] } = await graph.execute('data', {
        query,
        variables: variables as Record<string, unknown>,
        identity: viewer,
      });
      if (process.cpuUsage(begin).user / 1_000 > queryMilliseconds) throw new Error('it took longer than a query may');
      for (const { message, extensions } of errors) {
        if (!codes.includes(String(extensions?.code))) throw new Error(`${extensions?.code}: ${message}`);
        fuzzed.checkMessage(message);
      }
      if (errors.length === 0) expect(data).toBeTruthy();
      fuzzed.checkStatements();
      return { code: errors[0]?.extensions?.code as string | undefined, data };
    },
    checkMessage(message) {
      if (message === '' || inward.test(message)) throw new Error(`not for clients: ${message}`);
    },
    checkStatements() {
      const texts = watched.take();
      for (const text of texts) if (marks.test(text)) throw new Error(`a value in a statement: ${text}`);
      return texts;
    },
    bound: watched.bound,
    stop: watched.stop,
  };
  return fuzzed;
}

/** Everything that is stored about documents, and the tables there are; two of these are equal when nothing changed. */
export async function storedState({ graph }: DataService): Promise<unknown> {
  const read = (text: string) => graph.database.connection.query(text);
  return {
    documents: await read('SELECT d::text AS row FROM data.documents d ORDER BY id'),
    schemas: await read('SELECT s::text AS row FROM data.document_schemas s ORDER BY id'),
    tables: await read(`SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'data' ORDER BY tablename`),
  };
}
