// The step of a plan that asks a subgraph, compiled: selects what it is asked about, sends it, and merges what it answers.
import type { FetchNode } from '@apollo/query-planner';
import { locateEntities } from './collect-entities.ts';
import type { DistinctEntities } from './distinct-entities.ts';
import { compileFindDistinct } from './distinct-entities.ts';
import { toSubgraphError } from './fetch-errors.ts';
import { Wave } from './fetch-wave.ts';
import type { Rewrite } from './rewrites.ts';
import { compileRewrites } from './rewrites.ts';
import type { Cursor, Run, Step } from './run.ts';
import { reportToAll } from './run.ts';
import type { Answer } from './send-fetch.ts';
import { sendFetch } from './send-fetch.ts';
import type { Path, Tree } from './tree.ts';
import { copyOf, isTree, mergeInto } from './tree.ts';
import type { TypeConditions } from './type-conditions.ts';

/** The wave that a fetch belongs to; undefined where it has no partners. */
export interface WaveOfFetch {
  readonly id: number;
  readonly members: number;
}

export function compileFetch(node: FetchNode, wave: WaveOfFetch | undefined, types: TypeConditions): Step {
  return node.requires === undefined
    ? compileRootFetch(node, compileRewrites(node.outputRewrites, types))
    : compileEntityFetch(node, node.requires, wave, types);
}

function compileRootFetch(node: FetchNode, rewrite: Rewrite | undefined): Step {
  return (run, at) => {
    if (at === undefined || at.entities.length === 0 || run.signal?.aborted === true) return undefined;
    const cursor = at;
    run.onFetch?.({ service: node.serviceName, entities: 0, complete: 0, representations: 0 });
    return sendFetch(run, node, cursor.path, undefined)
      .then((answer) => mergeRootAnswer(run, node, cursor, answer, rewrite))
      .catch((error) => reportToAll(run, cursor, error));
  };
}

/** Also for what a subgraph has said of an event. */
export function mergeRootAnswer(
  run: Run,
  node: FetchNode,
  at: Cursor,
  { data, errors }: Answer,
  rewrite: Rewrite | undefined,
): void {
  for (const error of errors ?? []) {
    const path = error.path === undefined ? undefined : [...at.path, ...error.path];
    reportToAll(run, at, toSubgraphError(error, node.serviceName, path));
  }
  if (!isTree(data)) return;
  rewrite?.(data);
  for (const entity of at.entities) mergeInto(entity, data);
}

const nothing: DistinctEntities = new Map();

interface Known {
  readonly data: unknown;
  readonly errors: Answer['errors'];
  /** Of the text of a representation in what was sent. */
  placeOf(text: string): number | undefined;
  /** Whether another fetch takes what stands at the place, too. */
  isShared(place: number): boolean;
  readonly sent: number;
}

function compileEntityFetch(
  node: FetchNode,
  requires: NonNullable<FetchNode['requires']>,
  wave: WaveOfFetch | undefined,
  types: TypeConditions,
): Step {
  const findDistinct = compileFindDistinct(requires, types);
  const rewriteInput = compileRewrites(node.inputRewrites, types);
  const rewriteOutput = compileRewrites(node.outputRewrites, types);

  function select(run: Run, at: Cursor | undefined): DistinctEntities {
    if (at === undefined || run.signal?.aborted === true) return nothing;
    const selected = findDistinct(at.entities);
    if (selected.size > 0 && run.onFetch !== undefined) {
      const complete = [...selected.values()].reduce((sum, { length }) => sum + length, 0);
      const { length: entities } = at.entities;
      run.onFetch({ service: node.serviceName, entities, complete, representations: selected.size });
    }
    return selected;
  }

  /** Asynchronous from the first line on, so that whatever goes wrong is told to all who wait for the answer. */
  async function send(run: Run, path: Path, texts: readonly string[]): Promise<Answer> {
    const representations = texts.map((text) => {
      const representation = JSON.parse(text) as Tree;
      rewriteInput?.(representation);
      return representation;
    });
    return sendFetch(run, node, path, representations);
  }

  function waveOf(run: Run, { id, members }: WaveOfFetch): Wave<Answer> {
    const known = run.waves.get(id) as Wave<Answer> | undefined;
    if (known !== undefined) return known;
    // Members differ in their path only, which data sources are told for their logs.
    const own = new Wave<Answer>(members, run.startedAt, (texts) => send(run, [], texts));
    run.waves.set(id, own as Wave);
    return own;
  }

  async function askAlone(run: Run, at: Cursor, texts: readonly string[]): Promise<Known> {
    const { data, errors } = await send(run, at.path, texts);
    const places = new Map(texts.map((text, place) => [text, place]));
    return { data, errors, placeOf: (text) => places.get(text), isShared: () => false, sent: texts.length };
  }

  async function ask(run: Run, at: Cursor, texts: readonly string[]): Promise<Known> {
    if (wave === undefined) return askAlone(run, at, texts);
    const { answer, placeOf, members, isShared } = await waveOf(run, wave).join(texts);
    const { data, errors } = answer;
    // One entity can make a service refuse all: what the others asked with it they ask again, each for itself.
    if (members > 1 && !isTree(data) && run.signal?.aborted !== true) return askAlone(run, at, texts);
    return { data, errors, placeOf: (text) => placeOf.get(text), isShared, sent: placeOf.size };
  }

  function merge(selected: DistinctEntities, known: Known): void {
    const { data, sent } = known;
    if (data === null || data === undefined) return;
    const received = (data as { _entities?: unknown })._entities;
    if (!Array.isArray(received)) throw new Error('Expected "data._entities" in response to be an array');
    if (received.length !== sent) throw new Error(`Expected "data._entities" to contain ${sent} elements`);
    for (const [text, entities] of selected) {
      const place = known.placeOf(text) ?? -1;
      const found: unknown = received[place];
      if (!isTree(found)) continue;
      const own = known.isShared(place) ? copyOf(found) : found;
      if (!own.__typename) own.__typename = entities[0]?.__typename;
      rewriteOutput?.(own);
      for (const entity of entities) mergeInto(entity, own);
    }
  }

  return (run, at) => {
    const selected = select(run, at);
    if (selected.size === 0 || at === undefined) {
      if (wave !== undefined) waveOf(run, wave).pass();
      return undefined;
    }
    const fetching = ask(run, at, [...selected.keys()]).then((known) => {
      if (known.errors !== undefined) reportErrors(run, node, at, selected, known.errors, known.placeOf);
      merge(selected, known);
    });
    return fetching.catch((error) => reportToAll(run, at, error));
  };
}

/** An error that names a place in what was sent is an error of all entities that are represented there. */
function reportErrors(
  run: Run,
  node: FetchNode,
  at: Cursor,
  selected: DistinctEntities,
  errors: NonNullable<Answer['errors']>,
  placeOf: Known['placeOf'],
): void {
  const atPlace = new Map([...selected].map(([text, entities]) => [placeOf(text), entities]));
  const located = run.roots.map((root) => ({ root, places: locateEntities(root.data, at.path) }));
  for (const error of errors) {
    const place = error.path?.[1];
    if (typeof place !== 'number') {
      const path = error.path === undefined ? undefined : [...at.path, ...error.path];
      reportToAll(run, at, toSubgraphError(error, node.serviceName, path));
      continue;
    }
    for (const { root, places } of located) {
      for (const entity of new Set(atPlace.get(place))) {
        for (const path of places.get(entity) ?? []) {
          const own = [...path, ...(error.path ?? []).slice(2)];
          root.errors.push(toSubgraphError(error, node.serviceName, own));
        }
      }
    }
  }
}
