// Ids of transitions: the server gives them, and a transition that stays keeps its own.
import { newId } from '../../../platform/ids.ts';
import { definitionFault } from './definition-faults.ts';
import type { GivenTransition, Transition } from './transition-shape.ts';

/**
 * The same transitions with ids: the one given, when the schema has it; else that of the first transition of the same
 * name that nobody else claims; else a new one. Throws BAD_USER_INPUT below `field` where an id comes twice.
 */
export function withIds(
  given: readonly GivenTransition[],
  known: readonly Transition[],
  field: string,
): readonly Transition[] {
  const free = new Map(known.map(({ id, name }) => [id, name]));
  const claimed = given.map(({ id }, index) => {
    if (id === undefined || !known.some((transition) => transition.id === id)) return undefined;
    if (!free.delete(id)) throw definitionFault(`${field}.${index}.id`, 'another transition has this id.');
    return id;
  });
  return given.map((transition, index) => {
    const id = claimed[index] ?? takeByName(free, transition.name) ?? newId();
    return { ...transition, id };
  });
}

function takeByName(free: Map<string, string>, wanted: string): string | undefined {
  const [id] = [...free].find(([, name]) => name === wanted) ?? [];
  if (id !== undefined) free.delete(id);
  return id;
}
