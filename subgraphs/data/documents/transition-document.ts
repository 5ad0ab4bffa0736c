// Moves a document on by a manual transition of its schema. Automatic transitions follow.
import { invalidInput } from '../../../platform/errors.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Viewer } from '../access.ts';
import { transitionable } from '../access.ts';
import { requireJsonObject } from '../json/plain-json.ts';
import type { DataParts } from '../parts.ts';
import type { WantedTransition } from '../workflow/start-workflow.ts';
import { nameOfWanted, startTransition } from '../workflow/start-workflow.ts';
import { changeDocument } from './change-document.ts';
import type { Expectation } from './expectation.ts';
import type { DocumentAction } from './require-document.ts';
import type { DocumentWithSchema } from './store.ts';

export interface TransitionRequest extends Expectation {
  readonly id: string;
  readonly name?: string | null;
  readonly transitionId?: string | null;
  readonly data?: unknown;
}

/**
 * Throws as `changeDocument` does; NOT_FOUND for an unknown transition, BAD_USER_INPUT when none of those wanted can run.
 */
export async function transitionDocument(
  { id, name, transitionId, data: given, ...expectation }: TransitionRequest,
  viewer: Viewer,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const field = 'input.data';
  const wanted = requireWanted(name, transitionId);
  const submitted = { data: requireJsonObject(given ?? {}, field), initiator: viewer };
  return changeDocument(
    {
      id: requireId(id, 'input.id'),
      action: actionFor(wanted),
      expectation,
      kind: 'TRANSITIONED',
      field,
      begin: (draft, setting) => startTransition(draft, wanted, { submitted, setting }),
    },
    viewer,
    parts,
  );
}

function requireWanted(name: string | null | undefined, transitionId: string | null | undefined): WantedTransition {
  if (typeof name === 'string' && typeof transitionId === 'string') {
    throw invalidInput('input.transitionId', 'give name or transitionId, not both.');
  }
  if (typeof name === 'string') return { kind: 'name', value: name, field: 'input.name' };
  if (typeof transitionId !== 'string') throw invalidInput('input.name', 'give name or transitionId.');
  const field = 'input.transitionId';
  return { kind: 'id', value: requireId(transitionId, field), field };
}

/** Permissions name transitions; what has no name among them is nobody's by a permission of its own. */
function actionFor(wanted: WantedTransition): DocumentAction {
  return {
    allowed: (viewer, schema) =>
      transitionable(viewer, schema, nameOfWanted(schema.definition.transitions, wanted) ?? ''),
    permission: 'TRANSITION_DOCUMENTS',
  };
}
