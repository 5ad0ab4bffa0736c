// Executes operations over a supergraph: Apollo's planner plans them, and what it has planned is compiled once and run by
// steps of our own. Knows a supergraph and data sources, and nothing of what the services do.
import type { GraphQLDataSource } from '@apollo/gateway';
import type { DocumentNode, ExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { GraphQLError, getOperationAST, specifiedRules, validate } from 'graphql';
import { AppError, invariant } from '../../platform/errors.ts';
import type { Fault } from './compile-shape.ts';
import type { CompiledOperation } from './compiled-operation.ts';
import { compileOperation } from './compiled-operation.ts';
import { mergeRootAnswer } from './fetch-step.ts';
import type { CacheBounds } from './operation-cache.ts';
import { defaultCacheBounds, OperationCache } from './operation-cache.ts';
import { countSelections } from './operation-size.ts';
import { planBySize } from './plan-by-size.ts';
import type { CreatePlanner, PlanningBudget } from './planner.ts';
import { defaultBudget } from './planner.ts';
import { buildAnswerModel } from './planning-model.ts';
import { PreparedData } from './prepared-data.ts';
import { compileRewrites } from './rewrites.ts';
import type { FetchReport, Root, Run } from './run.ts';
import type { Answer as FetchAnswer } from './send-fetch.ts';
import { createTypeConditions } from './type-conditions.ts';

/** What became of an operation before it was executed. */
export interface CompileReport {
  /** `known`: it was compiled before. */
  readonly outcome: 'known' | 'compiled' | 'refused';
  readonly milliseconds: number;
}

export interface ExecutorOptions {
  readonly supergraphSdl: string;
  /** By the names of the supergraph's subgraphs. */
  readonly dataSources: Readonly<Record<string, GraphQLDataSource>>;
  readonly budget?: Partial<PlanningBudget>;
  /** Where operations are planned: by their size, here or in a thread, unless told. */
  readonly planner?: CreatePlanner;
  readonly cache?: Partial<CacheBounds>;
  /** Told of each fetch before it is made; fetches that become one request are told singly. */
  readonly onFetch?: (fetch: FetchReport) => void;
  /** Told of each operation that is executed or made ready. */
  readonly onCompile?: (report: CompileReport) => void;
}

/** An operation, valid for the executor's schema. */
export interface Operation {
  /** The text of the document, by which what was compiled is found again. */
  readonly source: string;
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
}

export interface Circumstances {
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** Handed to data sources as it is. */
  readonly context: Record<string, unknown>;
  /** Handed to data sources, where they want to know of it. */
  readonly incomingRequest?: unknown;
  /** When it fires, no further fetch begins. */
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  /** Undefined where nothing was executed. The text is `null` where a null has gone all the way up. */
  readonly data?: PreparedData;
  /** Not empty. GraphQLErrors, and whatever a data source has thrown. */
  readonly errors?: readonly unknown[];
  /** What does not fit the API, with no error that would explain it: a fault of a subgraph. Not empty. */
  readonly faults?: readonly Fault[];
}

export interface Executor {
  /** What clients see, for validation. */
  readonly schema: GraphQLSchema;
  execute(operation: Operation, circumstances: Circumstances): Promise<Answer>;
  /**
   * Plans and compiles, unless it is known: then it is there at once. Throws or rejects with OPERATION_TOO_LARGE,
   * BAD_REQUEST, SERVICE_UNAVAILABLE.
   */
  compile(operation: Operation): CompiledOperation | Promise<CompiledOperation>;
  /** Completes what a subgraph has said of events: for each, in order, the answer of the subscription. */
  completeEvents(
    subscription: CompiledOperation,
    events: readonly ExecutionResult[],
    circumstances: Circumstances,
  ): Promise<readonly Answer[]>;
  /** Makes ready what another executor is used for most, as far as it is valid here; others get the processor in between. */
  warmUp(other: Executor, most: number): Promise<void>;
  /** The most used come first. */
  mostUsed(most: number): readonly Operation[];
  /** Gives back what planning holds, as soon as nobody waits for a plan. What is under way ends as it would have. */
  close(): Promise<void>;
}

interface Kept {
  readonly operation: Operation;
  readonly compiled: CompiledOperation;
}

/** So long an operation that could not be planned is refused without trying again. */
const refusalMilliseconds = 60_000;

export function createExecutor(options: ExecutorOptions): Executor {
  const budget = { ...defaultBudget, ...options.budget };
  const { supergraph, apiSchema, supergraphSchema } = buildAnswerModel(options.supergraphSdl);
  const planner = (options.planner ?? planBySize)(options.supergraphSdl, budget, supergraph);
  const schema = apiSchema.toGraphQLJSSchema();
  const types = createTypeConditions(supergraphSchema);
  const bounds = { ...defaultCacheBounds, ...options.cache };
  const kept = new OperationCache<Kept>(bounds);
  const refusals = new OperationCache<{ readonly refusal: AppError; readonly until: number }>(bounds);
  /** Being planned: who asks for the same at the same time waits for the same. */
  const pending = new Map<string, Promise<CompiledOperation>>();

  function compile(operation: Operation): CompiledOperation | Promise<CompiledOperation> {
    const key = `${operation.operationName ?? ''}\n${operation.source}`;
    const known = kept.get(key);
    if (known !== undefined) {
      options.onCompile?.({ outcome: 'known', milliseconds: 0 });
      return known.compiled;
    }
    const refused = refusals.get(key);
    if (refused !== undefined && refused.until > performance.now()) throw refused.refusal;
    const planning = pending.get(key);
    if (planning !== undefined) return planning;
    const since = performance.now();
    const report = (outcome: CompileReport['outcome']) =>
      options.onCompile?.({ outcome, milliseconds: performance.now() - since });
    const refuse = (error: unknown): never => {
      report('refused');
      // Who comes when too many others wait may come again.
      if (error instanceof AppError && error.code !== 'SERVICE_UNAVAILABLE') {
        refusals.set(key, { refusal: error, until: performance.now() + refusalMilliseconds });
      }
      throw error;
    };
    const keep = (compiled: CompiledOperation): CompiledOperation => {
      kept.set(key, { operation, compiled });
      report('compiled');
      return compiled;
    };
    let compiling: CompiledOperation | Promise<CompiledOperation>;
    try {
      compiling = begin(operation);
    } catch (error) {
      return refuse(error);
    }
    if (!(compiling instanceof Promise)) return keep(compiling);
    const compiled = compiling.then(keep, refuse).finally(() => pending.delete(key));
    pending.set(key, compiled);
    return compiled;
  }

  function begin(operation: Operation): CompiledOperation | Promise<CompiledOperation> {
    const { document, operationName } = operation;
    const definition = requireDefinition(document, operationName);
    const selections = countSelections(document, definition, budget.selections);
    return compileOperation({ ...operation, operationName, definition, selections, planner, apiSchema, schema, types });
  }

  function startRun(
    compiled: CompiledOperation,
    roots: readonly Root[],
    circumstances: Circumstances,
  ): Run | readonly GraphQLError[] {
    const { variables = {}, context, incomingRequest, signal } = circumstances;
    const conditions = compiled.readVariables(variables);
    if (!('get' in conditions)) return conditions;
    return {
      roots,
      variables,
      conditions,
      dataSources: options.dataSources,
      context,
      incomingRequest,
      signal,
      waves: new Map(),
      startedAt: performance.now(),
      onFetch: options.onFetch,
    };
  }

  async function finish(compiled: CompiledOperation, run: Run): Promise<readonly Answer[]> {
    const variant = compiled.variantFor(run.conditions);
    const { run: step, shape } = variant instanceof Promise ? await variant : variant;
    await step(run, { entities: run.roots.map(({ data }) => data), path: [] });
    return run.roots.map(({ data, errors }) => {
      if (run.signal?.aborted === true) errors.push(new AppError('SERVICE_UNAVAILABLE', 'The client has gone away.'));
      const { text, faults } = shape(data, run.variables);
      return {
        data: new PreparedData(text),
        ...(errors.length > 0 ? { errors } : {}),
        // In most cases an error has left the hole that is the fault.
        ...(errors.length === 0 && faults.length > 0 ? { faults } : {}),
      };
    });
  }

  return {
    schema,
    compile,
    close: () => planner.close(),
    mostUsed: (most) => kept.mostUsed(most).map(({ operation }) => operation),

    async execute(operation, circumstances) {
      try {
        const found = compile(operation);
        const compiled = found instanceof Promise ? await found : found;
        invariant(compiled.primary === undefined, 'subscriptions are completed, not executed');
        const run = startRun(compiled, [{ data: {}, errors: [] }], circumstances);
        if (!('roots' in run)) return { errors: run };
        const [answer] = await finish(compiled, run);
        invariant(answer !== undefined, 'each root has its answer');
        return answer;
      } catch (error) {
        // The operation is refused; anything else is nothing that a client can help.
        if (error instanceof AppError || error instanceof GraphQLError) return { errors: [error] };
        throw error;
      }
    },

    async completeEvents(compiled, events, circumstances) {
      const { primary } = compiled;
      invariant(primary !== undefined, 'only subscriptions have events');
      const roots = events.map((): Root => ({ data: {}, errors: [] }));
      const run = startRun(compiled, roots, circumstances);
      if (!('roots' in run)) return events.map(() => ({ errors: run }));
      const rewrite = compileRewrites(primary.outputRewrites, types);
      for (const [at, root] of roots.entries()) {
        const cursor = { entities: [root.data], path: [] };
        mergeRootAnswer({ ...run, roots: [root] }, primary, cursor, events[at] as FetchAnswer, rewrite);
      }
      return finish(compiled, run);
    },

    async warmUp(other, most) {
      for (const operation of other.mostUsed(most)) {
        await new Promise(setImmediate);
        if (validate(schema, operation.document, specifiedRules).length > 0) continue;
        try {
          await compile(operation);
        } catch {
          // Whoever sends it is told.
        }
      }
    },
  };
}

function requireDefinition(document: DocumentNode, operationName: string | undefined): OperationDefinitionNode {
  const definition = getOperationAST(document, operationName);
  if (definition) return definition;
  throw new GraphQLError(
    operationName
      ? `Unknown operation named "${operationName}".`
      : 'Must provide operation name if query contains multiple operations.',
  );
}
