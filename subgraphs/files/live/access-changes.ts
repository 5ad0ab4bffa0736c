// What a viewer gets of events that change which files they see without a change of any file or of its documents: their
// own rights, and the modes of schemas. The payload names no file: the list is to be read again.
import { findOwnRightsChange, showsAnything } from '../../../platform/access/rights-change.ts';
import type { LogEvent } from '../../../platform/events/event.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { FileChangeModel } from '../models.ts';
import { visibleFile } from '../visible-file.ts';
import type { DocumentSight } from './document-sight.ts';

type AccessKind = 'ACCESS_GAINED' | 'ACCESS_LOST';

const schemaEvents: ReadonlySet<string> = new Set(['schema_updated', 'schema_deleted']);

/** One question to `data` at most, and none where nothing happened to this viewer. */
export async function selectAccessChanges(
  { showsDocuments }: DocumentSight,
  events: readonly LogEvent[],
  { identity }: Pick<Context, 'identity'>,
): Promise<(FileChangeModel | undefined)[]> {
  const own = events.map((event) => findOwnRightsChange(event, identity));
  const rights = own.filter((change) => change !== undefined);
  const showDocuments = await showsDocuments(rights, identity);
  return events.map((event, index) => {
    const change = own[index];
    if (change === undefined) return ofSchema(event);
    const shows = showDocuments[rights.indexOf(change)] === true || showsAnything(change, visibleFile);
    return shows ? payloadOf(change.kind, event, change.groupId) : undefined;
  });
}

/** Others than before see the documents of a schema, and their files. */
function ofSchema(event: LogEvent): FileChangeModel | undefined {
  if (!schemaEvents.has(event.type) || event.access === null) return undefined;
  return payloadOf(event.access.kind as AccessKind, event, null);
}

function payloadOf(kind: AccessKind, { position }: LogEvent, groupId: string | null): FileChangeModel {
  return { kind, position, fileId: null, file: null, matchesFilter: false, groupId };
}
