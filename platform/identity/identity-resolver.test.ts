import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../ids.ts';
import type { IdentityResolver, IdentitySource } from './identity-resolver.ts';
import { createIdentityResolver } from './identity-resolver.ts';

/** A source that answers late and counts; its truth can be changed while an answer is under way. */
class SlowSource implements IdentitySource {
  readonly sessions = new Map<string, { id: string; userId: string; expiresAt: Date }>();
  readonly permissions = new Map<string, string[]>();
  readonly versions = new Map<string, number>();
  readonly calls = { session: 0, accessVersions: 0, identity: 0 };
  delay: () => Promise<unknown> = async () => undefined;

  async session(tokenHash: string) {
    this.calls.session += 1;
    const answer = this.sessions.get(tokenHash) ?? null;
    await this.delay();
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
    return permissions === undefined ? null : { version, data: { userId, permissions: [...permissions] } };
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

  const open = (permissions: string[] = []): { userId: string; token: string; hash: string } => {
    const token = randomBytes(20).toString('hex');
    const hash = createHash('sha256').update(token).digest('hex');
    const userId = newId();
    source.sessions.set(hash, { id: newId(), userId, expiresAt: new Date(time + 60_000) });
    source.permissions.set(userId, permissions);
    return { userId, token, hash };
  };
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
});
