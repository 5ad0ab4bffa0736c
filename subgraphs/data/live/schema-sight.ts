// What of a schema decides who sees its documents, and how events tell that it has changed.
import type { JsonObject } from '../../../platform/events/event.ts';
import type { DocumentSchemaModel } from '../models.ts';
import type { ReadMode, Relation } from '../schemas/modes.ts';
import { normalisedModes } from '../schemas/modes.ts';

/** The part of a schema's event that access is decided on. */
export interface SightChange extends JsonObject {
  /** The name that the schema had, and the one that it has now. */
  readonly names: readonly string[];
  /** Lost: some may see less, others more. */
  readonly kind: 'ACCESS_GAINED' | 'ACCESS_LOST';
}

/** Undefined where nobody sees other documents than before. Permissions name schemas, so a name is part of it. */
export function sightChangeOf(
  before: DocumentSchemaModel,
  after: DocumentSchemaModel | undefined,
): SightChange | undefined {
  if (after === undefined) return { names: [before.name], kind: 'ACCESS_LOST' };
  const [earlier, later] = [readMode(before), readMode(after)];
  const shrinks = !isWithin(earlier, later);
  if (before.name !== after.name) return { names: [before.name, after.name], kind: 'ACCESS_LOST' };
  if (!shrinks && isWithin(later, earlier)) return undefined;
  return { names: [before.name], kind: shrinks ? 'ACCESS_LOST' : 'ACCESS_GAINED' };
}

function readMode({ definition }: DocumentSchemaModel): ReadMode {
  return normalisedModes(definition).readMode;
}

function isWithin(mode: ReadMode, other: ReadMode): boolean {
  if (other === 'allUsers') return true;
  if (mode === 'allUsers') return false;
  const relations = (of: ReadMode): readonly Relation[] => (typeof of === 'string' ? [] : of);
  return relations(mode).every((relation) => relations(other).includes(relation));
}
