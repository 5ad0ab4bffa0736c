// Rewrites of a plan, compiled: what is set or renamed in the representations that a fetch sends, or in what it answers.
import type { FetchDataRewrite } from '@apollo/query-planner';
import type { Tree } from './tree.ts';
import { getOwn, isTree, setOwn } from './tree.ts';
import type { TypeConditions } from './type-conditions.ts';
import { typenameOf } from './type-conditions.ts';

export type Rewrite = (tree: Tree) => void;

const fragmentPrefix = '... on ';

export function compileRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  types: TypeConditions,
): Rewrite | undefined {
  if (rewrites === undefined || rewrites.length === 0) return undefined;
  const all = rewrites.map((rewrite) => compileRewrite(rewrite, types));
  return (tree) => {
    for (const rewrite of all) rewrite(tree);
  };
}

function compileRewrite(rewrite: FetchDataRewrite, types: TypeConditions): Rewrite {
  const name = rewrite.path.at(-1);
  if (name === undefined) return () => undefined;
  const change: Rewrite =
    rewrite.kind === 'ValueSetter'
      ? (tree) => setOwn(tree, name, rewrite.setValueTo)
      : (tree) => {
          const value = getOwn(tree, name);
          if (!value) return;
          setOwn(tree, rewrite.renameKeyTo, value);
          setOwn(tree, name, undefined);
        };
  return rewrite.path.slice(0, -1).reduceRight<Rewrite>((next, step) => {
    if (!step.startsWith(fragmentPrefix)) return (tree) => forEachTree(getOwn(tree, step), next);
    const holds = types.of(step.slice(fragmentPrefix.length));
    return (tree) => {
      const typename = typenameOf(tree);
      // A plan does not ask for the type everywhere; where it is unknown, the rewrite is meant.
      if (typename === undefined || holds(typename)) next(tree);
    };
  }, change);
}

function forEachTree(value: unknown, rewrite: Rewrite): void {
  if (Array.isArray(value)) for (const element of value) forEachTree(element, rewrite);
  else if (isTree(value)) rewrite(value);
}
