// Turns a subgraph's definition into something that can be asked: contract, resolvers, shield, compiled execution.
import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { applyShield } from '../access/shield.ts';
import { formatResult } from '../mask-errors.ts';
import { withRequestId } from '../request-id.ts';
import { createCompiler } from './compile-operation.ts';
import type { Context, Logger, SignedInUser } from './context.ts';
import { readContract, subscriptionTopics } from './contract.ts';
import type { Platform, SubgraphDefinition, SubgraphParts } from './define-subgraph.ts';
import { createEventExecutor } from './execute-events.ts';
import { scalarResolvers } from './scalars.ts';
import type { SubgraphRequest, SubgraphTransport } from './transport.ts';

export interface RunningSubgraph extends SubgraphTransport {
  readonly name: string;
  /** The contract as the gateway composes it. */
  readonly sdl: string;
  readonly schema: GraphQLSchema;
  readonly parts: SubgraphParts<unknown>;
}

export async function buildSubgraph(definition: SubgraphDefinition, platform: Platform): Promise<RunningSubgraph> {
  const contract = readContract(definition.name);
  const parts = await definition.build(platform);
  const topics = subscriptionTopics(contract);
  const unshielded = buildSubgraphSchema({
    typeDefs: contract,
    resolvers: { ...usedScalars(contract), ...parts.resolvers } as never,
  });
  const schema = applyShield(unshielded, definition.permissions);
  const compile = createCompiler(schema);
  const contextFor = (request: SubgraphRequest, signIn: Context['signIn'] = noSignIn) =>
    buildContext(request, parts, { platform, signIn });
  const executeEvents = createEventExecutor({
    schema,
    compile,
    contextFor,
    topics,
    sources: parts.subscriptions ?? {},
    rules: definition.permissions.Subscription ?? {},
    log: platform.log,
  });
  /** What is done for a request belongs to it in traces and logs, whatever other services are asked meanwhile. */
  const inRequest = <T>({ requestId }: SubgraphRequest, work: () => Promise<T>): Promise<T> =>
    withRequestId(requestId, () => platform.tracing.within(`${definition.name} executes`, {}, work));

  async function execute(request: SubgraphRequest): Promise<ExecutionResult> {
    const compiled = compile(request.query, request.operationName);
    if (!('run' in compiled)) return formatResult(compiled, platform.log);
    let signedIn: SignedInUser | undefined;
    const context = contextFor(request, (user) => {
      signedIn = user;
    });
    const result = formatResult(await compiled.run(undefined, context, request.variables ?? {}), platform.log);
    return signedIn === undefined ? result : { ...result, extensions: { signedIn } };
  }

  return {
    name: definition.name,
    sdl: printSubgraphSchema(unshielded),
    schema,
    parts,
    execute: (request) => inRequest(request, () => execute(request)),
    executeEvents: (request) => inRequest(request, () => executeEvents(request)),
  };
}

function usedScalars(contract: ReturnType<typeof readContract>): Record<string, unknown> {
  const names = new Set(
    contract.definitions.flatMap((node) => (node.kind === 'ScalarTypeDefinition' ? [node.name.value] : [])),
  );
  return Object.fromEntries(Object.entries(scalarResolvers).filter(([name]) => names.has(name)));
}

interface ContextParts {
  readonly platform: Platform;
  readonly signIn: Context['signIn'];
}

function noSignIn(): never {
  throw new Error('Invariant broken: nobody signs in by an event');
}

function buildContext(request: SubgraphRequest, parts: SubgraphParts<unknown>, around: ContextParts): Context {
  const { platform, signIn } = around;
  const now = platform.clock();
  const context = {
    caller: request.caller,
    identity: request.caller.identity,
    loaders: parts.loaders(request.caller.identity, now),
    requestId: request.requestId,
    log: platform.log as Logger,
    now,
    signIn,
    // graphql-shield keeps its cache here; our rules do not use it, and the context is frozen.
    _shield: { cache: {} },
  };
  return Object.freeze(context);
}
