import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { IdentityResolver, IdentitySource, SessionData, Signatory, SignedRequest } from './identity-resolver.ts';
import { createIdentityResolver } from './identity-resolver.ts';

/** A source that answers late and counts; its truth can be changed while an answer is under way. */
class SlowSource implements IdentitySource {
  readonly sessions = new Map<string, SessionData>();
  /** By the Authorization header. */
  readonly signatories = new Map<string, Signatory>();
  readonly permissions = new Map<string, string[]>();
  readonly credentialVersions = new Map<string, number>();
  readonly versions = new Map<string, number>();
  readonly calls = { session: 0, signatory: 0, accessVersions: 0, identity: 0 };
  delay: () => Promise<unknown> = async () => undefined;

  async session(tokenHash: string) {
    this.calls.session += 1;
    const answer = this.sessions.get(tokenHash) ?? null;
    await this.delay();
    return answer;
  }
  async openSession(id: string) {
    return [...this.sessions.values()].find((session) => session.id === id) ?? null;
  }
  async signatory({ authorization }: SignedRequest) {
    this.calls.signatory += 1;
    const answer = this.signatories.get(authorization);
    await this.delay();
    if (answer === undefined) throw new AppError('OAUTH_SIGNATURE_INVALID');
    return answer;
  }
  async accessVersions(userIds: readonly string[]) {
    this.calls.accessVersions += 1;
    const answer = userIds.map((userId) => String(this.versions.get(userId) ?? 0));
    await this.delay();
    return answer;
  }
  async identity(userId: string) {
    this.calls.identity += 1;
    const version = String(this.versions.get(userId) ?? 0);
    await this.delay();
    const permissions = this.permissions.get(userId);
    const credentialVersion = this.credentialVersions.get(userId) ?? 1;
    const data = { userId, permissions: [...(permissions ?? [])] };
    return permissions === undefined ? null : { version, credentialVersion, data };
  }
  /** As a transaction does: the change and the version at once. */
  change(userId: string, apply: () => void): void {
    apply();
    this.versions.set(userId, (this.versions.get(userId) ?? 0) + 1);
  }
}

describe('who calls', () => {
  let source: SlowSource;
  let resolver: IdentityResolver;
  let time: number;
  beforeEach(() => {
    source = new SlowSource();
    time = Date.now();
    resolver = createIdentityResolver(source, () => time);
  });

  const open = (permissions: string[] = [], applicationId: string | null = null) => {
    const token = randomBytes(20).toString('hex');
    const hash = createHash('sha256').update(token).digest('hex');
    const userId = newId();
    const session = { id: newId(), userId, applicationId, credentialVersion: 1, expiresAt: new Date(time + 60_000) };
    source.sessions.set(hash, session);
    source.permissions.set(userId, permissions);
    return { userId, token, hash, session };
  };
  const signed = (authorization: string): SignedRequest => ({
    method: 'POST',
    url: 'https://example.org/graphql',
    authorization,
  });
  const refused = expect.objectContaining({ code: 'UNAUTHENTICATED' });

  test('is refused for a token that is malformed, unknown, expired or ended', async () => {
    const { token, hash, userId } = open();
    for (const bad of ['', 'x', 'g'.repeat(40), '0'.repeat(40)])
      await expect(resolver.fromToken(bad)).rejects.toEqual(refused);
    await resolver.fromToken(token);
    source.change(userId, () => source.sessions.delete(hash));
    await expect(resolver.fromToken(token)).rejects.toEqual(refused);
    const other = open();
    await resolver.fromToken(other.token);
    time += 60_001;
    await expect(resolver.fromToken(other.token)).rejects.toEqual(refused);
  });

  test('is refused when the user is gone', async () => {
    const { token, userId } = open();
    await resolver.fromToken(token);
    source.change(userId, () => source.permissions.delete(userId));
    await expect(resolver.fromToken(token)).rejects.toEqual(refused);
    await expect(resolver.ofUser(userId)).rejects.toEqual(refused);
  });

  test('is refused when what the user signs in with has changed since the session was started', async () => {
    const { token, userId } = open();
    await resolver.fromToken(token);
    source.change(userId, () => source.credentialVersions.set(userId, 2));
    await expect(resolver.fromToken(token)).rejects.toEqual(refused);
    await expect(resolver.ofUser(userId)).resolves.toMatchObject({ userId });
    // Also for a request that signs in with what the session still holds.
    await expect(resolver.ofSignedIn({ userId, credentialVersion: 1 })).rejects.toEqual(refused);
    await expect(resolver.ofSignedIn({ userId, credentialVersion: 2 })).resolves.toMatchObject({ userId });
  });

  test('is told with the application and the session, where there are such', async () => {
    const [plain, withApplication] = [open(['VIEW_USER']), open(['VIEW_USER'], newId())];
    const [one, other] = [await resolver.fromToken(plain.token), await resolver.fromToken(withApplication.token)];
    expect([one.identity.applicationId, one.sessionId]).toEqual([undefined, plain.session.id]);
    expect(other.identity).toMatchObject({
      userId: withApplication.userId,
      applicationId: withApplication.session.applicationId,
      permissions: new Set(['VIEW_USER']),
    });
    expect(await resolver.fromToken(withApplication.token)).toBe(other);
  });

  test('costs one question for the versions, whatever the number of callers of one moment', async () => {
    const people = Array.from({ length: 20 }, () => open(['VIEW_USER']));
    await Promise.all(people.map(({ token }) => resolver.fromToken(token)));
    const before = { ...source.calls };
    await Promise.all(people.flatMap(({ token }) => [resolver.fromToken(token), resolver.fromToken(token)]));
    expect(source.calls).toEqual({ ...before, accessVersions: before.accessVersions + 1 });
  });

  test('is never answered with less than what was changed before the question', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ wait: fc.integer({ min: 0, max: 3 }), grant: fc.boolean(), ask: fc.integer({ min: 1, max: 3 }) }),
          { maxLength: 12 },
        ),
        async (steps) => {
          const { token, userId } = open();
          source.delay = () => pause(Math.random() * 2);
          const answers: Promise<void>[] = [];
          let revision = 0;
          for (const step of steps) {
            await pause(step.wait);
            revision += 1;
            const mark = `R${revision}`;
            source.change(userId, () => source.permissions.set(userId, step.grant ? ['VIEW_USER', mark] : [mark]));
            const asked = revision;
            for (let count = 0; count < step.ask; count += 1) {
              answers.push(
                resolver.fromToken(token).then(({ identity }) => {
                  const seen = [...identity.permissions].find((name) => name.startsWith('R')) ?? 'R0';
                  expect(Number(seen.slice(1))).toBeGreaterThanOrEqual(asked);
                }),
              );
            }
          }
          await Promise.all(answers);
        },
      ),
      { numRuns: 40 },
    );
  });

  describe('by a signed request', () => {
    const sign = (permissions: string[] = []) => {
      const { userId, session } = open(permissions, newId());
      const authorization = `OAuth ${newId()}`;
      const { expiresAt: _, ...signatory } = session;
      source.signatories.set(authorization, signatory);
      return { userId, session, authorization };
    };
    const unknown = expect.objectContaining({ code: 'OAUTH_TOKEN_UNKNOWN', details: { code: 108 } });

    test('is refused as the source refuses it', async () => {
      const error = expect.objectContaining({ code: 'OAUTH_SIGNATURE_INVALID' });
      await expect(resolver.fromSignedRequest(signed('OAuth x'))).rejects.toEqual(error);
    });

    test('is refused when the user is gone, or has new credentials', async () => {
      const [gone, changed] = [sign(), sign()];
      for (const { authorization } of [gone, changed]) await resolver.fromSignedRequest(signed(authorization));
      source.change(gone.userId, () => source.permissions.delete(gone.userId));
      source.change(changed.userId, () => source.credentialVersions.set(changed.userId, 2));
      await expect(resolver.fromSignedRequest(signed(gone.authorization))).rejects.toEqual(unknown);
      await expect(resolver.fromSignedRequest(signed(changed.authorization))).rejects.toEqual(unknown);
    });

    test('is an application without a user when it has signed alone', async () => {
      const applicationId = newId();
      source.signatories.set('OAuth alone', { id: null, userId: null, applicationId });
      const caller = await resolver.fromSignedRequest(signed('OAuth alone'));
      expect(caller.identity).toMatchObject({ applicationId, permissions: new Set(), staff: new Map() });
      expect([caller.identity.userId, caller.sessionId]).toEqual([undefined, undefined]);
    });

    test('asks about each request, and knows what the user may do as of now', async () => {
      const { userId, session, authorization } = sign(['VIEW_USER']);
      const { applicationId, id: sessionId } = session;
      const ask = () => resolver.fromSignedRequest(signed(authorization));
      expect(await ask()).toMatchObject({ sessionId, identity: { userId, applicationId } });
      source.change(userId, () => source.permissions.set(userId, ['VIEW_ROLE']));
      expect((await ask()).identity.permissions).toEqual(new Set(['VIEW_ROLE']));
      expect(source.calls.signatory).toBe(2);
      source.signatories.delete(authorization);
      await expect(ask()).rejects.toMatchObject({ code: 'OAUTH_SIGNATURE_INVALID' });
    });
  });
});
