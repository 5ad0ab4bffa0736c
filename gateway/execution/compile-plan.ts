// Compiles a plan of Apollo's planner to steps: each knows what to do, and nothing of the plan is read when it runs.
import type { FetchNode, PlanNode } from '@apollo/query-planner';
import { collectEntities } from './collect-entities.ts';
import type { WaveOfFetch } from './fetch-step.ts';
import { compileFetch } from './fetch-step.ts';
import type { Step } from './run.ts';
import type { TypeConditions } from './type-conditions.ts';

export function compilePlan(node: PlanNode | undefined, types: TypeConditions): Step {
  if (node === undefined) return () => undefined;
  return compileNode(node, findWaves(node), types);
}

type Waves = ReadonlyMap<FetchNode, WaveOfFetch>;

function compileNode(node: PlanNode, waves: Waves, types: TypeConditions): Step {
  switch (node.kind) {
    case 'Sequence':
      return sequence(node.nodes.map((one) => compileNode(one, waves, types)));
    case 'Parallel':
      return parallel(node.nodes.map((one) => compileNode(one, waves, types)));
    case 'Flatten': {
      const { path } = node;
      const inner = compileNode(node.node, waves, types);
      return (run, at) => {
        if (at === undefined) return inner(run, undefined);
        const entities = collectEntities(at.entities, path);
        return inner(run, entities.length === 0 ? undefined : { entities, path: [...at.path, ...path] });
      };
    }
    case 'Fetch':
      return compileFetch(node, waves.get(node), types);
    case 'Condition': {
      const included = node.ifClause && compileNode(node.ifClause, waves, types);
      const otherwise = node.elseClause && compileNode(node.elseClause, waves, types);
      return (run, at) => {
        const [taken, left] = run.conditions.get(node.condition) ? [included, otherwise] : [otherwise, included];
        // Its fetches have partners that need not wait for them.
        left?.(run, undefined);
        return taken?.(run, at);
      };
    }
    case 'Defer':
      throw new Error('The planner was not asked for deferred parts');
  }
}

function sequence(steps: readonly Step[]): Step {
  return async (run, at) => {
    for (const step of steps) {
      const done = step(run, at);
      if (done !== undefined) await done;
    }
  };
}

function parallel(steps: readonly Step[]): Step {
  return (run, at) => {
    const running = steps.map((step) => step(run, at)).filter((done) => done !== undefined);
    return running.length === 0 ? undefined : Promise.all(running).then(() => undefined);
  };
}

/** Groups fetches that say the same to the same subgraph after as many fetches before them. */
function findWaves(plan: PlanNode): Waves {
  const groups = new Map<string, FetchNode[]>();
  /** The number of the wave after this node. */
  const visit = (node: PlanNode | undefined, wave: number): number => {
    switch (node?.kind) {
      case 'Sequence':
        return node.nodes.reduce((next, one) => visit(one, next), wave);
      case 'Parallel':
        return Math.max(wave, ...node.nodes.map((one) => visit(one, wave)));
      case 'Flatten':
        return visit(node.node, wave);
      case 'Condition':
        return Math.max(visit(node.ifClause, wave), visit(node.elseClause, wave));
      case 'Fetch': {
        if (node.requires === undefined) return wave + 1;
        const key = waveKey(node, wave);
        groups.set(key, [...(groups.get(key) ?? []), node]);
        return wave + 1;
      }
      default:
        return wave;
    }
  };
  visit(plan, 0);
  const shared = [...groups.values()].filter(({ length }) => length > 1);
  return new Map(shared.flatMap((nodes, id) => nodes.map((node) => [node, { id, members: nodes.length }] as const)));
}

function waveKey(node: FetchNode, wave: number): string {
  // The planner numbers the names of a named operation's fetches.
  const text = node.operationName === undefined ? node.operation : node.operation.replace(node.operationName, '');
  const { serviceName, variableUsages, inputRewrites, outputRewrites } = node;
  return JSON.stringify([wave, serviceName, text, variableUsages?.toSorted(), inputRewrites, outputRewrites]);
}
