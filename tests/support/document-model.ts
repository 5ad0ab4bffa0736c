// Who may do what with a document, written plainly from the rules of docs/documents.md: what the service's own rules
// are compared with. Random people, schemas and documents to compare them on.
import fc from 'fast-check';
import type { IdentityData } from '../../platform/identity/identity.ts';
import { newId } from '../../platform/ids.ts';

export interface ModelDocument {
  readonly id: string;
  readonly schemaId: string;
  readonly creatorId: string;
  readonly userIds: string[];
  readonly groupIds: string[];
}

export interface ModelSchema {
  readonly id: string;
  readonly name: string;
  /** Of reading, changing or deleting, whichever is asked about. */
  readonly mode: string | readonly string[];
}

export type ModelIdentity = Required<Omit<IdentityData, 'applicationId' | 'anyMember'>>;

interface Question {
  readonly permission: string;
  /** Spellings of other permissions that grant the same. */
  readonly also?: readonly string[];
  readonly now: number;
}

export function modelMay(
  who: ModelIdentity,
  document: ModelDocument,
  schema: ModelSchema,
  { permission, also = [], now }: Question,
): boolean {
  const spellings = [permission, `${permission}:${schema.name}`, ...also];
  const holds = (held: readonly string[]) => spellings.some((spelling) => held.includes(spelling));
  if (holds(who.permissions)) return true;
  for (const enlistment of who.staff) {
    if (document.groupIds.includes(enlistment.groupId) && holds(enlistment.permissions)) return true;
  }
  if (schema.mode === 'allUsers') return true;
  if (schema.mode === 'permissionRequired') return false;
  for (const relation of schema.mode) {
    if (relation === 'creator' && document.creatorId === who.userId) return true;
    if (relation === 'linkedUsers' && document.userIds.includes(who.userId)) return true;
    if (relation === 'linkedGroupStaff' && who.staff.some(({ groupId }) => document.groupIds.includes(groupId))) {
      return true;
    }
    if (relation === 'linkedGroupPatients') {
      for (const { groupId, expiresAt } of who.patient) {
        const ended = expiresAt !== null && expiresAt !== undefined && expiresAt <= now;
        if (document.groupIds.includes(groupId) && !ended) return true;
      }
    }
  }
  return false;
}

const relations = ['creator', 'linkedUsers', 'linkedGroupStaff', 'linkedGroupPatients'];

/** A handful of users and groups, so that random documents and people have to do with each other. */
export const modelUsers = Array.from({ length: 4 }, newId);
export const modelGroups = Array.from({ length: 4 }, newId);

export const anyMode: fc.Arbitrary<string | string[]> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('permissionRequired', 'allUsers') },
  { weight: 4, arbitrary: fc.subarray(relations) },
);

/** Documents of the schemas with these ids. */
export function anyDocument(schemaIds: readonly string[]): fc.Arbitrary<ModelDocument> {
  return fc.record({
    id: fc.integer().map(newId),
    schemaId: fc.constantFrom(...schemaIds),
    creatorId: fc.constantFrom(...modelUsers),
    userIds: fc.subarray(modelUsers, { maxLength: 2 }),
    groupIds: fc.subarray(modelGroups, { maxLength: 2 }),
  });
}

/** People whose permissions are among these. */
export function anyIdentity(permissions: readonly string[], now: number): fc.Arbitrary<ModelIdentity> {
  const some = fc.oneof(fc.constant<string[]>([]), fc.subarray([...permissions], { maxLength: 2 }));
  const groups = fc.subarray(modelGroups, { maxLength: 3 });
  return fc
    .record({ groups, staffPermissions: fc.array(some, { minLength: 3, maxLength: 3 }), patientGroups: groups })
    .chain(({ groups: staffGroups, staffPermissions, patientGroups }) =>
      fc.record({
        userId: fc.constantFrom(...modelUsers),
        permissions: some,
        staff: fc.constant(
          staffGroups.map((groupId, index) => ({ groupId, permissions: staffPermissions[index] ?? [] })),
        ),
        patient: fc
          .array(fc.constantFrom(null, now - 1, now, now + 1), { minLength: 3, maxLength: 3 })
          .map((ends) => patientGroups.map((groupId, index) => ({ groupId, expiresAt: ends[index] ?? null }))),
      }),
    );
}
