// `GET /export/documents/<schema>`: who asks, and the stream that answers.
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { QueryGate } from '../../../platform/database/query-gate.ts';
import { readsInTurn } from '../../../platform/database/query-gate.ts';
import { requireUser } from '../../../platform/subgraph/context.ts';
import type { RouteAuthentication } from '../../../platform/subgraph/define-subgraph.ts';
import type { DataParts } from '../parts.ts';
import { exportDocuments } from './export-documents.ts';
import { requireParameters } from './export-query.ts';

/** Milliseconds for which a client may take nothing. */
const patience = 60_000;

type ExportParts = Pick<DataParts, 'database' | 'clock'> & { readonly queryGate: QueryGate };

export function registerExportRoutes(
  app: FastifyInstance,
  authentication: RouteAuthentication,
  parts: ExportParts,
): void {
  app.route<{ Params: { schemaName: string } }>({
    method: 'GET',
    url: '/export/documents/:schemaName',
    // HEAD would read it all to throw it away.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const { userId } = requireUser(await authentication.identify(request));
      const batches = exportDocuments(
        {
          schemaName: request.params.schemaName,
          parameters: requireParameters(request.query),
          reads: readsInTurn(parts.database.db, parts.queryGate.forStream(userId)),
          viewer: async () => ({ identity: await authentication.identityOf(userId, request), now: parts.clock() }),
        },
        parts,
      );
      // With the first batch all is known that can be refused; what fails later breaks the stream off.
      const first = await batches.next();
      reply.raw.setTimeout(patience);
      return reply
        .headers({
          'content-type': 'application/x-ndjson; charset=utf-8',
          'content-disposition': `attachment; filename="${request.params.schemaName}.ndjson"`,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        })
        .send(Readable.from(resumed(first.value ?? '', batches), { highWaterMark: 1 }));
    },
  });
}

/** What is empty is left out: a stream takes no empty text. */
async function* resumed(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  if (first !== '') yield first;
  for await (const batch of rest) if (batch !== '') yield batch;
}
