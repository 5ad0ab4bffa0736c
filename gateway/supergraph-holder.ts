// Holds the supergraph that the gateway serves at present, and tells of its change. What is under way keeps the state
// that it began with; what begins asks for the current one.
import type { SupergraphState } from './supergraph-state.ts';

export interface SupergraphHolder {
  current(): SupergraphState;
  /** Calls the listener after each change, with `current` changed already. Returns how to stop. */
  onChange(listener: () => void): () => void;
}

/** The holder, for who may change what it holds. */
export interface ChangeableSupergraph extends SupergraphHolder {
  change(state: SupergraphState): void;
}

export function createSupergraphHolder(first: SupergraphState): ChangeableSupergraph {
  const listeners = new Set<() => void>();
  let state = first;
  return {
    current: () => state,
    onChange(listener) {
      const own = () => listener();
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    change(next) {
      state = next;
      for (const listener of [...listeners]) listener();
    },
  };
}
