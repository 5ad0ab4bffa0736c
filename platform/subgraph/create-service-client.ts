// The service client of one service: finds the other service's transport and signs the call as this service.
import { randomUUID } from 'node:crypto';
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import { AppError, errorCatalogue } from '../errors.ts';
import { anonymous } from '../identity/identity.ts';
import { currentRequestId } from '../request-id.ts';
import type { Logger } from './context.ts';
import type { ServiceClient } from './service-client.ts';
import type { SubgraphTransport } from './transport.ts';

export interface ServiceClientParts {
  /** The name of the calling service. */
  readonly as: string;
  /** The other services, looked up at each call: they may start later than this one. */
  readonly find: (service: string) => SubgraphTransport | undefined;
  readonly log: Logger;
}

export function createServiceClient({ as, find, log }: ServiceClientParts): ServiceClient {
  return {
    has: (service) => find(service) !== undefined,
    async call<T>(service: string, { query, variables, identity }: Parameters<ServiceClient['call']>[1]): Promise<T> {
      const transport = find(service);
      if (transport === undefined)
        throw new AppError('SERVICE_UNAVAILABLE', `The service ${service} is not installed.`);
      const result = await transport
        .execute({
          query,
          variables,
          caller: { identity: identity ?? anonymous, service: as },
          requestId: currentRequestId() ?? randomUUID(),
        })
        .catch((error: unknown) => {
          log.warn({ err: error, service }, 'a service could not be reached');
          throw new AppError('SERVICE_UNAVAILABLE', `The service ${service} cannot be reached.`, { service });
        });
      const [failure] = result.errors ?? [];
      if (failure !== undefined) throw asAppError(failure.message, failure.extensions);
      return result.data as T;
    },
  };
}

/** An error that another service answered, as it was thrown there. */
export function asAppError(message: string, extensions: Readonly<Record<string, unknown>> | undefined): AppError {
  const code = extensions?.code;
  if (typeof code !== 'string' || !(code in errorCatalogue)) return new AppError('SERVICE_UNAVAILABLE', message);
  return new AppError(code as ErrorCode, message, extensions?.details as ErrorDetails | undefined);
}
