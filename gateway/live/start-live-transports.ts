// The ways in which live events leave the gateway: WebSockets on the path of GraphQL, server-sent events below it.
import type { FastifyInstance } from 'fastify';
import type { Logger } from '../../platform/subgraph/context.ts';
import type { Tracing } from '../../platform/tracing/tracing.ts';
import type { AccessLog } from '../access-log/access-log.ts';
import type { IsAllowedOrigin } from '../http/browser-safety.ts';
import type { Metrics } from '../metrics.ts';
import type { Operations } from '../operations.ts';
import type { Protection } from '../protection/open-protection.ts';
import { createLiveOperations } from './live-operations.ts';
import type { LiveSessionOptions } from './live-session.ts';
import type { LiveSubscriptions } from './live-subscriptions.ts';
import { startPulse } from './pulse.ts';
import { serveEventStreams } from './serve-event-streams.ts';
import { startWebsocketServer } from './websocket-server.ts';

export interface LiveTransportOptions extends LiveSessionOptions {
  readonly path: string;
  readonly operations: Operations;
  readonly live: LiveSubscriptions;
  readonly protection: Protection;
  readonly isAllowedOrigin: IsAllowedOrigin;
  readonly maxMessageBytes: number;
  readonly metrics: Metrics;
  readonly accessLog: AccessLog;
  readonly tracing: Tracing;
  readonly log: Logger;
}

/** Operations that run on one WebSocket at a time. */
const maxOperations = 100;

/** Before the app listens. Closing tells all clients to connect again. */
export function startLiveTransports(app: FastifyInstance, options: LiveTransportOptions): { close(): Promise<void> } {
  const parts = {
    ...options,
    operations: createLiveOperations(options),
    addressOf: options.protection.addressOf,
    pulse: startPulse(),
  };
  const sockets = startWebsocketServer({ ...parts, server: app.server, maxOperations });
  const streams = serveEventStreams(app, { ...parts, path: `${options.path}/stream` });
  return {
    async close() {
      await Promise.all([sockets.close(), streams.close()]);
      parts.pulse.stop();
    },
  };
}
