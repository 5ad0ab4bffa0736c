// Puts together what the completions of several events ask a service at the same moment: the same entity fetch for
// other entities is one request. Each gets the answer that it would have got alone.
import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import type { GraphQLError } from 'graphql';

type Options = GraphQLDataSourceProcessOptions;
type Answer = Awaited<ReturnType<GraphQLDataSource['process']>>;

interface Fetch {
  readonly options: Options;
  readonly representations: readonly unknown[];
  resolve(answer: Answer | Promise<Answer>): void;
}

/** For the events of one batch and one viewer: all fetches are made in the context of the first. */
export function batchEntities(source: GraphQLDataSource): GraphQLDataSource {
  const waiting = new Map<string, Fetch[]>();

  async function send(fetches: readonly Fetch[]): Promise<void> {
    const [first] = fetches;
    if (first === undefined) return;
    const { request } = first.options;
    const representations = fetches.flatMap((fetch) => fetch.representations);
    const together = { ...request, variables: { ...request.variables, representations } };
    const answer = Promise.resolve(source.process({ ...first.options, request: together as Options['request'] }));
    let start = 0;
    for (const fetch of fetches) {
      const [from, to] = [start, start + fetch.representations.length];
      fetch.resolve(answer.then((all) => part(all, from, to)));
      start = to;
    }
  }

  return {
    process(options) {
      const { representations, ...others } = (options.request.variables ?? {}) as Record<string, unknown>;
      if (!Array.isArray(representations)) return source.process(options);
      const key = JSON.stringify([options.request.query, others]);
      return new Promise((resolve) => {
        const known = waiting.get(key);
        const fetches = known ?? [];
        fetches.push({ options, representations, resolve });
        if (known !== undefined) return;
        waiting.set(key, fetches);
        // By then the completions of all events that stand at this point have asked.
        setImmediate(() => {
          waiting.delete(key);
          void send(fetches);
        });
      });
    },
  };
}

/** What of the answer concerns these places. An error that names no place concerns all. */
function part({ data, errors, ...rest }: Answer, from: number, to: number): Answer {
  const entities = (data as { _entities?: readonly unknown[] } | null | undefined)?._entities;
  const own = (errors ?? []).flatMap((error) => {
    const [root, place, ...path] = error.path ?? [];
    if (root !== '_entities' || typeof place !== 'number') return [error];
    return place < from || place >= to
      ? []
      : [{ ...error, path: [root, place - from, ...path] } as unknown as GraphQLError];
  });
  return {
    ...rest,
    ...(data === undefined
      ? {}
      : { data: entities === undefined ? data : { ...data, _entities: entities.slice(from, to) } }),
    ...(own.length === 0 ? {} : { errors: own }),
  } as Answer;
}
