// GraphQL over WebSocket (graphql-transport-ws) on the path of the HTTP endpoint: takes connections, authenticates them,
// and runs graphql-ws's own protocol machine on each. What runs on them stands in live-operations.ts.
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { AppError, invariant } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { findAppError, toAppError } from '../../platform/mask-errors.ts';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { AccessLog } from '../access-log/access-log.ts';
import { type ClientFacts, recordLive } from '../access-log/record-live.ts';
import { withoutSecrets } from '../access-log/record-requests.ts';
import { stringifyResult } from '../execution/prepared-data.ts';
import type { IsAllowedOrigin } from '../http/browser-safety.ts';
import type { Metrics } from '../metrics.ts';
import type { AddressOf } from '../protection/client.ts';
import { clientOf } from '../protection/client.ts';
import type { LiveOperations, ReadyOperation } from './live-operations.ts';
import { asGraphqlError } from './live-operations.ts';
import type { LiveSessionOptions } from './live-session.ts';
import { LiveSession } from './live-session.ts';
import { LiveSocket } from './live-socket.ts';
import type { LiveResult } from './live-subscriptions.ts';
import type { Pulse } from './pulse.ts';
import { SocketConnection } from './socket-connection.ts';
import { within } from './within.ts';

export interface WebsocketOptions extends LiveSessionOptions {
  readonly server: Server;
  readonly path: string;
  readonly operations: LiveOperations;
  readonly addressOf: AddressOf;
  /** Whether pages of an origin may connect. */
  readonly isAllowedOrigin: IsAllowedOrigin;
  readonly pulse: Pulse;
  readonly maxMessageBytes: number;
  /** Operations that run on one socket at a time. */
  readonly maxOperations: number;
  readonly metrics: Metrics;
  readonly accessLog: AccessLog;
  readonly log: Logger;
}

/** Milliseconds from the opening of a socket until its `connection_init` must have come. */
const initMilliseconds = 3_000;
/** Milliseconds that queries and mutations get to finish when the gateway ends. */
const finishMilliseconds = 10_000;
/** Milliseconds that clients get after that to answer that they are closing. */
const closeMilliseconds = 3_000;

/** Starts answering upgrades at the path. Closing tells every client to connect again. */
export function startWebsocketServer(options: WebsocketOptions): { close(): Promise<void> } {
  const { log, metrics, operations, pulse } = options;
  const open = new Set<SocketConnection>();
  let closing = false;
  metrics.countSubscriptions('websocket', () => [...open].reduce((sum, { subscriptions }) => sum + subscriptions, 0));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols,
  });

  const protocol = makeServer<Record<string, unknown>, SocketConnection>({
    connectionInitWaitTimeout: initMilliseconds,
    async onConnect({ connectionParams, extra: connection }) {
      try {
        const authorization = authorizationOf(connectionParams, connection.request);
        connection.session = await LiveSession.open(options, authorization, factsOf(connection.request));
        const { expiresAt } = connection.session;
        return expiresAt === undefined || { expiresAt: expiresAt.toISOString() };
      } catch (error) {
        const refusal = toAppError(error, log);
        const client = factsOf(connection.request);
        const note = { rootFields: [], errorCodes: [refusal.code] };
        recordLive(options.accessLog, {
          client,
          caller: undefined,
          requestId: newId(),
          note,
          httpStatus: refusal.http,
        });
        connection.refuse(refusal);
        return false;
      }
    },
    async onSubscribe({ subscriptions, extra: connection }, _id, payload) {
      if (Object.keys(subscriptions).length > options.maxOperations) {
        const message = `At most ${options.maxOperations} operations run on one connection.`;
        return [asGraphqlError(new AppError('TOO_MANY_SUBSCRIPTIONS', message))];
      }
      // Whoever closes the connection waits for it from now on: it may become a mutation.
      connection.began(payload, null);
      const ready = await operations.read(payload, clientOn(connection), requireSession(connection));
      if ('errors' in ready) {
        connection.ended(payload);
        return ready.errors;
      }
      const { schema, document, operationName, variables } = ready;
      // The arguments go on to `execute` or `subscribe`: they carry which connection asked for what.
      const contextValue: Asked = { connection, payload, ready };
      return { schema, document, operationName, variableValues: variables, contextValue };
    },
    execute({ contextValue }) {
      const { connection, ready } = contextValue as Asked;
      // The message is made of it by `stringifyResult`, whatever graphql-ws takes it for.
      return operations.execute(ready, requireSession(connection)) as Promise<never>;
    },
    async subscribe(args) {
      const { connection, payload, ready } = args.contextValue as Asked;
      const results = await operations.subscribe(ready, requireSession(connection));
      if ('errors' in results) return results;
      connection.began(payload, results);
      // For graphql-ws a result is whatever `onNext` makes the payload of.
      return results as never;
    },
    // Results are formatted already.
    onNext: ({ extra: { socket } }, _id, _payload, _args, result) =>
      socket.sharedPayload(
        'json' in result ? (result as unknown as LiveResult).json : stringifyResult(result),
      ) as never,
    // What was refused before it ran is formatted already; what ended a subscription was thrown.
    onError: (_socket, _id, _payload, errors) =>
      errors.map((error) => {
        const thrown = error.originalError ?? undefined;
        return (
          thrown === undefined && !findAppError(error) ? error : asGraphqlError(toAppError(thrown, log))
        ).toJSON();
      }),
    onComplete: ({ extra: connection }, _id, payload) => connection.ended(payload),
  });

  sockets.on('connection', (socket, request: IncomingMessage) => {
    const connection = new SocketConnection(new LiveSocket(socket, request.socket, log), request, log);
    open.add(connection);
    pulse.add(connection);
    metrics.sockets.inc();
    const closed = protocol.opened(connection.socket, connection);
    socket.once('close', (code, reason) => {
      open.delete(connection);
      pulse.remove(connection);
      metrics.sockets.dec();
      connection.session?.close();
      void closed(code, String(reason));
    });
  });

  const factsOf = (request: IncomingMessage) => socketFacts(request, options.addressOf(request));
  const clientOn = (connection: SocketConnection) =>
    clientOf(requireSession(connection).caller.identity, options.addressOf(connection.request));

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== options.path) return refuseUpgrade(socket, '404 Not Found');
    const { origin, host } = request.headers;
    // A browser asks nobody before it opens a WebSocket.
    if (origin !== undefined && !options.isAllowedOrigin(origin, host)) return refuseUpgrade(socket, '403 Forbidden');
    if (closing) return refuseUpgrade(socket, '503 Service Unavailable');
    sockets.handleUpgrade(request, socket, head, (connection) => sockets.emit('connection', connection, request));
  };
  options.server.on('upgrade', upgrade);

  return {
    async close() {
      closing = true;
      await within(finishMilliseconds, Promise.all([...open].map((connection) => connection.close())));
      for (const connection of open) connection.sendAway();
      await within(closeMilliseconds, new Promise((resolve) => sockets.close(resolve)));
      for (const { socket } of open) socket.terminate();
      options.server.off('upgrade', upgrade);
    },
  };
}

interface Asked {
  readonly connection: SocketConnection;
  /** As it came: what the connection knows the operation by. */
  readonly payload: object;
  readonly ready: ReadyOperation;
}

function requireSession({ session }: SocketConnection): LiveSession {
  invariant(session !== undefined, 'only an acknowledged connection asks for operations');
  return session;
}

/** From the connection's parameters, else from the header of the upgrade request. */
function authorizationOf(
  parameters: Readonly<Record<string, unknown>> | undefined,
  { headers }: IncomingMessage,
): string | undefined {
  const given = parameters?.Authorization ?? parameters?.authorization;
  return typeof given === 'string' ? given : headers.authorization;
}

function socketFacts({ headers, url = '' }: IncomingMessage, userAddress: string): ClientFacts {
  return {
    userAddress,
    host: headers.host ?? '',
    userAgent: headers['user-agent'] ?? '',
    request: `GET ${withoutSecrets(url)} websocket`,
    httpStatus: 101,
  };
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
}
