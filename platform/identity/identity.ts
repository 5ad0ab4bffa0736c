// Who calls, and what they may do where: the one value that every access decision starts from.

/** Frozen. Sets and maps are never changed after it was built. */
export interface Identity {
  /** Absent when nobody is signed in. */
  readonly userId?: string;
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
  return Object.freeze({
    ...(data.userId === undefined ? {} : { userId: data.userId }),
    ...(data.applicationId === undefined ? {} : { applicationId: data.applicationId }),
    permissions: new Set(data.permissions),
    staff: new Map((data.staff ?? []).map(({ groupId, permissions }) => [groupId, new Set(permissions)])),
    patient: new Map((data.patient ?? []).map(({ groupId, expiresAt }) => [groupId, expiresAt ?? undefined])),
  });
}

export function identityData(identity: Identity): IdentityData {
  return {
    ...(identity.userId === undefined ? {} : { userId: identity.userId }),
    ...(identity.applicationId === undefined ? {} : { applicationId: identity.applicationId }),
    permissions: [...identity.permissions],
    staff: [...identity.staff].map(([groupId, permissions]) => ({ groupId, permissions: [...permissions] })),
    patient: [...identity.patient].map(([groupId, expiresAt]) => ({ groupId, expiresAt: expiresAt ?? null })),
  };
}

/** Nobody is signed in. */
export const anonymous: Identity = identityFrom({});

export function isSignedIn(identity: Identity): identity is Identity & { readonly userId: string } {
  return identity.userId !== undefined;
}

/** Groups where the user is staff. */
export function staffGroups(identity: Identity): string[] {
  return [...identity.staff.keys()];
}

/** Groups where the user is a patient now: an enlistment ends by itself, without anybody removing it. */
export function activePatientGroups(identity: Identity, now: number): string[] {
  return [...identity.patient].filter(([, end]) => end === undefined || end > now).map(([groupId]) => groupId);
}
