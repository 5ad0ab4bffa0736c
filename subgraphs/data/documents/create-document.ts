// Creates a document: the creation transition of its schema and the automatic ones that follow, then everything in one
// transaction.
import { AppError, forbidden } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import { mayCreate } from '../access.ts';
import { documentEvent } from '../events.ts';
import { requireJsonObject } from '../json/plain-json.ts';
import type { DocumentModel, DocumentSchemaModel } from '../models.ts';
import type { DataParts } from '../parts.ts';
import { schemaNotFound } from '../schemas/schema-not-found.ts';
import { findSchemasByName } from '../schemas/store.ts';
import type { Outcome, Progress } from '../workflow/advance.ts';
import { advance } from '../workflow/advance.ts';
import { onKnownFacts } from '../workflow/facts.ts';
import type { PatternTime } from '../workflow/pattern-time.ts';
import { newPatternTime, withinPatternTime } from '../workflow/pattern-time.ts';
import { startCreation } from '../workflow/start-workflow.ts';
import { draftOf, requireOpen } from './change-document.ts';
import { explainingIndexes } from './index-refusals.ts';
import { withFacts } from './learn-facts.ts';
import type { Initiator } from './settle.ts';
import { contentOf, pause, publishTasks } from './settle.ts';
import type { DocumentWithSchema } from './store.ts';
import { insertDocument } from './write-store.ts';

export interface NewDocument {
  readonly schemaName: string;
  readonly data?: unknown;
}

const field = 'input.data';

/** A schema changes seldom: so often in a row it does only when somebody does nothing else. */
const mostAttempts = 5;

/**
 * NOT_FOUND for an unknown schema, FORBIDDEN when the create mode says no, ILLEGAL_STATE when the schema is disabled,
 * BAD_USER_INPUT naming the path in the data; LOCKED_DOCUMENT while the schema keeps changing.
 */
export async function createDocument(
  wanted: NewDocument,
  initiator: Initiator,
  parts: DataParts,
): Promise<DocumentWithSchema> {
  const patternTime = newPatternTime();
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const created = await createAsOfNow(wanted, { initiator, patternTime }, parts);
    if (created !== undefined) return created;
  }
  throw new AppError('LOCKED_DOCUMENT', 'The schema of the document keeps changing.', { code: 415 });
}

/** Undefined when the schema changed between the checks and the write: nothing is written then. */
async function createAsOfNow(
  { schemaName, data: given }: NewDocument,
  { initiator, patternTime }: { readonly initiator: Initiator; readonly patternTime: PatternTime },
  parts: DataParts,
): Promise<DocumentWithSchema | undefined> {
  const [schema] = await findSchemasByName(parts.database.db, [schemaName]);
  if (schema === undefined) throw schemaNotFound('input.schemaName');
  if (!mayCreate(initiator, schema)) throw forbidden('CREATE_DOCUMENTS');
  requireOpen(schema);
  const data = requireJsonObject(given ?? {}, field);
  const born = newDocument(schema, initiator);
  const made = await withFacts(parts.services, initiator.identity, async (known) =>
    onKnownFacts(known, (facts) => {
      const setting = { schema, document: born, checks: parts.checksOf(schema), facts, now: initiator.now, field };
      return withinPatternTime(patternTime, field, () => {
        const start = startCreation(draftOf({ document: born, schema }), { data, initiator }, setting);
        return { start, outcome: advance(start, setting) };
      });
    }),
  );
  const write = () => writeCreation(born, schema, { ...made, initiator, parts });
  const document = await explainingIndexes(parts, field, write);
  return document && { schema, document };
}

interface Creation {
  readonly start: Progress;
  readonly outcome: Outcome;
  readonly initiator: Initiator;
  readonly parts: DataParts;
}

/** A creation that has to wait leaves the document as it was submitted until it goes on. */
function writeCreation(
  born: DocumentModel,
  schema: DocumentSchemaModel,
  { start, outcome, initiator, parts }: Creation,
): Promise<DocumentModel | undefined> {
  const { delay, transitions } = outcome;
  const { draft } = delay === undefined ? outcome : start;
  const document = { ...born, ...contentOf(draft, born, schema.definition.properties) };
  const initiatorId = initiator.identity.userId;
  return parts.database.write(async (tx) => {
    const version = { kind: 'CREATED' as const, transitions: delay === undefined ? transitions : [], changes: [] };
    const inserted = { ...version, userId: initiatorId, schemaAt: schema.updatedAt };
    if (!(await insertDocument(tx.db, document, inserted))) return undefined;
    tx.publish(documentEvent('document_created', { document }, schema.name));
    if (delay !== undefined) {
      return pause(tx, document, { outcome, cause: { initiatorId, kind: 'UPDATED', now: initiator.now }, delay });
    }
    publishTasks(tx, document, { tasks: [...outcome.tasks, ...outcome.afterTasks], initiatorId });
    return document;
  });
}

function newDocument(schema: DocumentSchemaModel, { identity, now }: Initiator): DocumentModel {
  const moment = new Date(now);
  return {
    id: newId(),
    schemaId: schema.id,
    creatorId: identity.userId,
    userIds: [],
    groupIds: [],
    syncedGroupIds: [],
    status: schema.definition.creationTransition.toStatus,
    statusChangedAt: moment,
    data: {},
    version: 1,
    lockedAt: null,
    createdAt: moment,
    updatedAt: moment,
  };
}
