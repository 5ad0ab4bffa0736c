// The source of the subscription `fileChanged`: what of each event this viewer gets, as of now.
import { matches } from '../../../platform/access/condition-matches.ts';
import type { LogEvent } from '../../../platform/events/event.ts';
import { passing } from '../../../platform/filters/live-filter.ts';
import { booleanWhere } from '../../../platform/filters/prisma-filters.ts';
import { requireId } from '../../../platform/ids.ts';
import type { Context } from '../../../platform/subgraph/context.ts';
import type { SubscriptionSource } from '../../../platform/subgraph/define-subgraph.ts';
import { type FileFilter, filterParts } from '../file-filter.ts';
import type { LinkedFiles } from '../linked-files.ts';
import type { FileLoaders } from '../loaders.ts';
import type { FileChangeModel, FileModel } from '../models.ts';
import type { FileStore } from '../store.ts';
import { visibleFile } from '../visible-file.ts';
import { selectAccessChanges } from './access-changes.ts';
import type { DocumentSight } from './document-sight.ts';
import type { FileEvent, FileLinksEvent } from './file-events.ts';
import { findFileEvent } from './file-events.ts';

export interface LiveParts {
  readonly store: FileStore;
  readonly linkedFiles: LinkedFiles;
  readonly sight: DocumentSight;
}

type FileViewer = Context<FileLoaders>;

interface WantedFiles {
  readonly fileId?: string | null;
  readonly filter?: FileFilter | null;
}

export function fileChanges(parts: LiveParts): SubscriptionSource<FileLoaders> {
  return {
    check(args) {
      const { fileId, filter } = args as WantedFiles;
      if (typeof fileId === 'string') requireId(fileId, 'fileId');
      booleanWhere(filter, 'filter', filterParts);
    },
    async select(events, args, viewer) {
      const files = await selectFiles(parts, events, { wanted: args as WantedFiles, viewer });
      const others = await selectAccessChanges(parts.sight, events, viewer);
      return events.map((_, index) => files[index] ?? others[index]);
    },
  };
}

/** A change that the viewer hears of, unless the filter has nothing to do with it. */
interface ToldChange {
  readonly id: string;
  readonly kind: FileChangeModel['kind'];
  readonly file: FileModel | null;
  readonly isShown: boolean;
  readonly wasThere: boolean;
  readonly fields: ReadonlySet<string>;
}

async function selectFiles(
  parts: LiveParts,
  events: readonly LogEvent[],
  { wanted, viewer }: { readonly wanted: WantedFiles; readonly viewer: FileViewer },
): Promise<(FileChangeModel | undefined)[]> {
  const read = events.map((event) => {
    const found = findFileEvent(event);
    return found !== undefined && (wanted.fileId?.toLowerCase() ?? found.fileId) === found.fileId ? found : undefined;
  });
  const changes = await toldOf(parts, read, viewer);
  const told = changes.filter((change) => change !== undefined);
  const passes = await passing(wanted.filter, told, (ids) => {
    const where = { AND: [{ id: { in: ids } }, booleanWhere(wanted.filter, 'filter', filterParts)] };
    return parts.store.list({ where, orderBy: [{ id: 'asc' }], take: ids.length });
  });
  return events.map(({ position }, index) => {
    const change = changes[index];
    const matchesFilter = change && passes[told.indexOf(change)];
    if (change === undefined || matchesFilter === undefined) return undefined;
    const { kind, id: fileId, file } = change;
    return { kind, position, fileId, file, matchesFilter, groupId: null };
  });
}

/** One query for the files, and one question to `data` for each of: files, files that are gone, links of documents. */
async function toldOf(
  { linkedFiles, sight }: LiveParts,
  events: readonly (FileEvent | FileLinksEvent | undefined)[],
  viewer: FileViewer,
): Promise<(ToldChange | undefined)[]> {
  const alone = visibleFile(viewer.identity);
  const files = await loadFiles(events, viewer.loaders);
  const gone = events.filter((event) => event?.what === 'file' && event.kind === 'DELETED') as FileEvent[];
  const undecided = gone.filter(({ access }) => !matches(alone, access)).map(({ fileId }) => fileId);
  const seenGone = visibleFile(viewer.identity, await linkedFiles.among(undecided, viewer.identity));
  const states = events.flatMap((event) => (event?.what === 'links' ? [event.before, event.after] : []));
  const sees = await sight.seesDocuments(states, viewer.identity);
  let next = 0;
  return events.map((event) => {
    if (event === undefined) return undefined;
    const file = files.get(event.fileId) ?? null;
    if (event.what === 'links') {
      const [before, after] = [sees[next] === true, sees[next + 1] === true];
      next += 2;
      return ofLinks(event, file, { before, after, alone: file !== null && matches(alone, file) });
    }
    const { kind, fileId: id, fields } = event;
    if (kind === 'DELETED') {
      return matches(seenGone, event.access) ? { ...ofNothing(id), kind, file: null } : undefined;
    }
    // Who sees it for other reasons than documents gets also what happened to a file that is gone by now.
    if (file === null && !matches(alone, event.access)) return undefined;
    return { id, kind, file, fields, isShown: file !== null, wasThere: kind !== 'CREATED' };
  });
}

/** A file comes into sight and goes by a document only for who does not see it otherwise. */
function ofLinks(
  { fileId: id }: FileLinksEvent,
  file: FileModel | null,
  sees: { readonly before: boolean; readonly after: boolean; readonly alone: boolean },
): ToldChange | undefined {
  if (sees.before === sees.after) return undefined;
  if (sees.before) return file === null ? { ...ofNothing(id), kind: 'ACCESS_LOST', file } : undefined;
  if (file === null || sees.alone) return undefined;
  return { ...ofNothing(id), kind: 'ACCESS_GAINED', file, isShown: true };
}

function ofNothing(id: string) {
  return { id, fields: new Set<string>(), isShown: false, wasThere: false };
}

async function loadFiles(
  events: readonly (FileEvent | FileLinksEvent | undefined)[],
  { file }: FileLoaders,
): Promise<ReadonlyMap<string, FileModel | null>> {
  const ids = [...new Set(events.flatMap((event) => event?.fileId ?? []))];
  const found = await Promise.all(ids.map((id) => file.load(id)));
  return new Map(ids.map((id, index) => [id, found[index] ?? null]));
}
