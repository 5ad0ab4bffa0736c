// The gateway's data source: hands a fetch of a plan to a subgraph, in this process or in another.
import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import { AppError } from '../platform/errors.ts';
import type { Identity } from '../platform/identity/identity.ts';
import { anonymous } from '../platform/identity/identity.ts';
import { findAppError } from '../platform/mask-errors.ts';
import type { Logger, SignedInUser } from '../platform/subgraph/context.ts';
import type { SubgraphTransport } from '../platform/subgraph/transport.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { Metrics } from './metrics.ts';

type Process = GraphQLDataSource['process'];

export interface DataSourceParts {
  readonly metrics: Pick<Metrics, 'fetched'>;
  readonly log: Logger;
  /** What a user may do as of now, for a request that has signed this user in. */
  readonly identityOf: (user: SignedInUser) => Promise<Identity>;
}

/** The one subgraph whose word on who has signed in is taken. */
const signsIn = 'auth';

export class SubgraphDataSource implements GraphQLDataSource {
  readonly #name: string;
  readonly #transport: SubgraphTransport;
  readonly #parts: DataSourceParts;

  constructor(name: string, transport: SubgraphTransport, parts: DataSourceParts) {
    this.#name = name;
    this.#transport = transport;
    this.#parts = parts;
  }

  async process(options: GraphQLDataSourceProcessOptions): ReturnType<Process> {
    const context = options.context as Partial<GatewayContext>;
    context.asked?.add(this.#name);
    const since = performance.now();
    const fetched = (failed: boolean) =>
      this.#parts.metrics.fetched(this.#name, (performance.now() - since) / 1_000, failed);
    try {
      const { data, errors, extensions } = await this.#transport.execute({
        query: options.request.query ?? '',
        operationName: options.request.operationName,
        variables: options.request.variables,
        caller: context.caller ?? { identity: anonymous },
        requestId: context.requestId ?? '',
        signal: context.signal,
      });
      fetched(errors !== undefined);
      // What else the operation asks, for example the name of who just signed in, it asks as that user.
      const signedIn = this.#name === signsIn ? extensions?.signedIn : undefined;
      if (signedIn !== undefined) {
        context.caller = { identity: await this.#parts.identityOf(signedIn as SignedInUser) };
        if (context.note !== undefined) context.note.caller = context.caller;
      }
      return {
        ...(data === undefined ? {} : { data }),
        ...(errors === undefined ? {} : { errors: [...errors] }),
      } as Awaited<ReturnType<Process>>;
    } catch (error) {
      fetched(true);
      const known = findAppError(error);
      if (known !== undefined) throw known;
      // Nobody reads what becomes of it.
      if (context.signal?.aborted === true) throw new AppError('SERVICE_UNAVAILABLE', 'The client has gone away.');
      this.#parts.log.warn(
        { err: error, subgraph: this.#name, requestId: context.requestId },
        'a subgraph could not be reached',
      );
      throw new AppError('SERVICE_UNAVAILABLE', `The service ${this.#name} cannot be reached.`, {
        service: this.#name,
      });
    }
  }
}
