// Stands in front of the process of a service and hands everything on; its contract can be made another one, as a new
// version of the service would have it.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { freePort } from '../../operations/servers/throwaway-process.ts';

export interface ContractFront {
  readonly url: string;
  /** To whom it hands on. */
  standBefore(url: string): void;
  /** From now on the contract has these lines, too. */
  addToContract(lines: string): void;
  close(): Promise<void>;
}

export async function startContractFront(): Promise<ContractFront> {
  const port = await freePort();
  let pool: Pool | undefined;
  let added = '';
  const handOn = async (request: IncomingMessage, response: ServerResponse) => {
    if (pool === undefined) throw new Error('Nobody stands behind it yet.');
    const { 'if-none-match': known, host: _, connection: __, ...headers } = request.headers;
    const answer = await pool.request({
      method: request.method as 'GET',
      path: request.url ?? '/',
      headers,
      body: request.method === 'GET' ? null : request,
    });
    if (!request.url?.endsWith('/contract')) {
      const { 'transfer-encoding': ___, connection: ____, ...others } = answer.headers;
      response.writeHead(answer.statusCode, others as Record<string, string>);
      answer.body.pipe(response);
      return;
    }
    const sdl = `${await answer.body.text()}\n${added}`;
    const tag = `"${createHash('sha256').update(sdl).digest('hex')}"`;
    if (known === tag) response.writeHead(304, { etag: tag }).end();
    else response.writeHead(200, { etag: tag, 'content-type': 'text/plain' }).end(sdl);
  };
  const server = createServer((request, response) => {
    handOn(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    standBefore(url) {
      pool = new Pool(url, { connections: 64 });
    },
    addToContract(lines) {
      added = lines;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool?.close();
    },
  };
}
