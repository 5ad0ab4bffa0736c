// What the resolvers of this service get as the parents of their fields.

/** A valid session behind an access token. */
export interface SessionModel {
  readonly id: string;
  readonly userId: string;
  /** When the access token expires. */
  readonly expiresAt: Date;
}
