// Who calls, and what they may do where: the one value that every access decision starts from.
import { TrackedId } from './tracked-id.ts';

/** Frozen. Sets and maps are never changed after it was built. */
export interface Identity {
  /** Absent when nobody is signed in. Rules compare it by `isOwn` and `includesOwn` (platform/access/condition.ts). */
  readonly userId?: string;
  /**
   * Set where this is any member of an access class, and not a certain user: notes what the own id is compared with.
   * Reading `userId` of such an identity gives an id that nobody has, and makes the answer one that is not shared.
   */
  readonly tracked?: TrackedId;
  /** The application that the user signed in with, or that calls without a user. */
  readonly applicationId?: string;
  /** Permissions that hold everywhere. */
  readonly permissions: ReadonlySet<string>;
  /** Groups where the user is staff, with the permissions held there. */
  readonly staff: ReadonlyMap<string, ReadonlySet<string>>;
  /** Groups where the user is a patient; the value is when that ends (epoch milliseconds) or undefined. */
  readonly patient: ReadonlyMap<string, number | undefined>;
}

/** The plain form of an identity: what travels, and what `users` answers. */
export interface IdentityData {
  userId?: string;
  applicationId?: string;
  permissions?: string[];
  staff?: { groupId: string; permissions: string[] }[];
  patient?: { groupId: string; expiresAt?: number | null }[];
  /** True for any member of the access class that the rest describes; `userId` is absent then. */
  anyMember?: boolean;
}

/** Who calls an operation of a subgraph: the viewer, and the service that calls an internal operation, if one does. */
export interface Caller {
  readonly identity: Identity;
  /** The name of the calling service, proven by signature or by being in the same process. */
  readonly service?: string;
  /** The session whose access token the request carries, if it carries one. */
  readonly sessionId?: string;
}

export function identityFrom(data: IdentityData): Identity {
  const { userId } = data;
  const identity: Identity = Object.freeze({
    ...(userId === undefined ? {} : { userId }),
    ...(data.applicationId === undefined ? {} : { applicationId: data.applicationId }),
    permissions: new Set(data.permissions),
    staff: new Map((data.staff ?? []).map(({ groupId, permissions }) => [groupId, new Set(permissions)])),
    patient: new Map((data.patient ?? []).map(({ groupId, expiresAt }) => [groupId, expiresAt ?? undefined])),
  });
  return data.anyMember === true ? memberIdentity(identity) : identity;
}

/** Any member of the access class of this identity, with a tracking that begins empty; undefined for nobody. */
export function anyMemberOf(identity: Identity): (Identity & { readonly tracked: TrackedId }) | undefined {
  return isSignedIn(identity) ? memberIdentity(identity) : undefined;
}

function memberIdentity(identity: Identity): Identity & { readonly tracked: TrackedId } {
  const { applicationId, permissions, staff, patient } = identity;
  const tracked = new TrackedId(permissions);
  return Object.freeze({
    get userId(): string {
      return tracked.reveal();
    },
    tracked,
    ...(applicationId === undefined ? {} : { applicationId }),
    permissions,
    staff,
    patient,
  });
}

export function identityData(identity: Identity): IdentityData {
  return {
    ...ownIdData(identity),
    ...(identity.applicationId === undefined ? {} : { applicationId: identity.applicationId }),
    permissions: [...identity.permissions],
    staff: [...identity.staff].map(([groupId, permissions]) => ({ groupId, permissions: [...permissions] })),
    patient: [...identity.patient].map(([groupId, expiresAt]) => ({ groupId, expiresAt: expiresAt ?? null })),
  };
}

function ownIdData(identity: Identity): Pick<IdentityData, 'userId' | 'anyMember'> {
  if (identity.tracked !== undefined) return { anyMember: true };
  return identity.userId === undefined ? {} : { userId: identity.userId };
}

/** Nobody is signed in. */
export const anonymous: Identity = identityFrom({});

/** Whether somebody is signed in, whoever that is. */
export function isSignedIn(identity: Identity): identity is Identity & { readonly userId: string } {
  return identity.tracked !== undefined || identity.userId !== undefined;
}

/** Tells viewers apart where that decides nothing on what they see, for example whose turn it is. */
export function viewerKey(identity: Identity): string {
  return identity.tracked === undefined ? (identity.userId ?? '') : 'many';
}

/** Groups where the user is staff. */
export function staffGroups(identity: Identity): string[] {
  return [...identity.staff.keys()];
}

/** Groups where the user is a patient now: an enlistment ends by itself, without anybody removing it. */
export function activePatientGroups(identity: Identity, now: number): string[] {
  return [...identity.patient].filter(([, end]) => end === undefined || end > now).map(([groupId]) => groupId);
}
