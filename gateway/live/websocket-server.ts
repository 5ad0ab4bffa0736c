// GraphQL over WebSocket (graphql-transport-ws) on the path of the HTTP endpoint: the connections, their
// authentication and their end. What runs on them stands in socket-operations.ts.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Context as SocketContext, SubscribePayload } from 'graphql-ws';
import { CloseCode } from 'graphql-ws';
import type { Extra } from 'graphql-ws/use/ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { findAppError, toAppError } from '../../platform/mask-errors.ts';
import type { SocketOperation, SocketOperationsOptions } from './socket-operations.ts';
import { asGraphqlError, createSocketOperations } from './socket-operations.ts';

export interface WebsocketOptions extends SocketOperationsOptions {
  readonly path: string;
  readonly server: Server;
  readonly maxMessageBytes: number;
}

type Socket = SocketContext<Record<string, unknown>, Extra>;

const heartbeatMilliseconds = 12_000;
/** RFC 6455: the reason of a close has at most 123 bytes. */
const longestReason = 120;

/** Starts answering upgrades at the path. Closing ends every socket with 1001 (going away). */
export function startWebsocketServer(options: WebsocketOptions): { close(): Promise<void> } {
  const { authenticate, log, metrics } = options;
  const operations = createSocketOperations(options);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: options.maxMessageBytes });
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== options.path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (connection) => sockets.emit('connection', connection, request));
  };
  sockets.on('connection', () => metrics.sockets.inc());
  options.server.on('upgrade', upgrade);

  const server = useServer<Record<string, unknown>>(
    {
      async onConnect(socket) {
        try {
          await authenticate(authorizationOf(socket));
          return true;
        } catch (error) {
          const refusal = toAppError(error, log);
          const code = refusal.code === 'UNAUTHENTICATED' ? CloseCode.Forbidden : CloseCode.InternalServerError;
          socket.extra.socket.close(code, `${refusal.code}: ${refusal.message}`.slice(0, longestReason));
          return false;
        }
      },
      onSubscribe: (_socket, _id, payload) => operations.read(payload),
      context: (socket, _id, payload): SocketOperation => operationOn(socket, payload),
      execute: (args) => operations.execute(args, args.contextValue as SocketOperation),
      subscribe: (args) => operations.subscribe(args, args.contextValue as SocketOperation),
      // What was refused before it ran is formatted already; what ended a subscription was thrown.
      onError: (_socket, _id, _payload, errors) =>
        errors.map((error) => {
          const thrown = error.originalError ?? undefined;
          return (
            thrown === undefined && !findAppError(error) ? error : asGraphqlError(toAppError(thrown, log))
          ).toJSON();
        }),
      // Results are formatted already, too.
      onNext: (_socket, _id, _payload, _args, result) => result as never,
      onClose: () => metrics.sockets.dec(),
    },
    sockets,
    heartbeatMilliseconds,
  );
  return {
    async close() {
      options.server.off('upgrade', upgrade);
      await server.dispose();
    },
  };
}

function operationOn(socket: Socket, payload: SubscribePayload): SocketOperation {
  return { payload, authorization: authorizationOf(socket) };
}

/** From the connection's parameters, else from the header of the upgrade request. */
function authorizationOf({ connectionParams, extra }: Socket): string | undefined {
  const given = connectionParams?.Authorization ?? connectionParams?.authorization;
  return typeof given === 'string' ? given : extra.request.headers.authorization;
}
