// Learns the facts that workflows need of other services, and runs what needs them until all are known. Never inside a
// transaction: what is missing is learned between two attempts.
import { AppError } from '../../../platform/errors.ts';
import type { Identity } from '../../../platform/identity/identity.ts';
import { isSignedIn } from '../../../platform/identity/identity.ts';
import type { ServiceClient } from '../../../platform/subgraph/service-client.ts';
import type { KnownFacts, PatientEnlistment } from '../workflow/facts.ts';
import { FactsNeeded, noFacts } from '../workflow/facts.ts';
import { findExistingGroups, findExistingUsers } from './existing-references.ts';

const mostRounds = 5;

/**
 * What `attempt` returns. It is called again, with more known, as long as it throws FactsNeeded; LOCKED_DOCUMENT when
 * the document changes so fast that other facts are needed every time. Of the initiator the enlistments are known.
 */
export async function withFacts<T>(
  services: ServiceClient,
  initiator: Identity,
  attempt: (known: KnownFacts) => Promise<T>,
): Promise<T> {
  const known = factsOf(initiator);
  for (let round = 1; round <= mostRounds; round += 1) {
    try {
      return await attempt(known);
    } catch (error) {
      if (!(error instanceof FactsNeeded)) throw error;
      await learn(services, known, error.needs);
    }
  }
  throw new AppError('LOCKED_DOCUMENT', undefined, { code: 415 });
}

function factsOf(initiator: Identity): KnownFacts {
  const known = noFacts();
  if (isSignedIn(initiator)) {
    const enlistments = [...initiator.patient].map(([groupId, expiresAt]) => ({ groupId, expiresAt }));
    known.patients.set(initiator.userId, enlistments);
  }
  return known;
}

async function learn(services: ServiceClient, known: KnownFacts, needs: FactsNeeded['needs']): Promise<void> {
  const [users, groups, patients] = [[...needs.users], [...needs.groups], [...needs.patients]];
  const [existingUsers, existingGroups, enlistments] = await Promise.all([
    findExistingUsers(services, users),
    findExistingGroups(services, groups),
    findPatientEnlistments(services, patients),
  ]);
  for (const id of users) known.users.set(id, existingUsers.has(id));
  for (const id of groups) known.groups.set(id, existingGroups.has(id));
  for (const id of patients) known.patients.set(id, enlistments.get(id) ?? null);
}

interface PatientGroupsAnswer {
  readonly patientGroups: readonly {
    readonly userId: string;
    readonly groups: readonly { readonly groupId: string; readonly expiresAt: string | Date | null }[];
  }[];
}

/** What `users` answers at once. */
const mostUsers = 1_000;

/** The groups where each of the users is or was a patient; users who are gone are left out. */
export async function findPatientEnlistments(
  services: ServiceClient,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PatientEnlistment[]>> {
  const query = `query PatientGroups($userIds: [ID!]!) {
    patientGroups(userIds: $userIds) { userId groups { groupId expiresAt } }
  }`;
  const found = new Map<string, readonly PatientEnlistment[]>();
  for (let from = 0; from < userIds.length; from += mostUsers) {
    const variables = { userIds: userIds.slice(from, from + mostUsers) };
    const { patientGroups } = await services.call<PatientGroupsAnswer>('users', { query, variables });
    for (const { userId, groups } of patientGroups) found.set(userId, groups.map(enlistmentFrom));
  }
  return found;
}

type GroupAnswer = PatientGroupsAnswer['patientGroups'][number]['groups'][number];

function enlistmentFrom({ groupId, expiresAt }: GroupAnswer): PatientEnlistment {
  return { groupId, expiresAt: expiresAt === null ? undefined : new Date(expiresAt).getTime() };
}
