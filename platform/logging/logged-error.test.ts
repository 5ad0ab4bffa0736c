// Errors in the log: enough to find the fault, nothing of the people whom it met.
import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { Prisma } from '../../generated/prisma/client.ts';
import { startTestDatabase } from '../../tests/support/database.ts';
import { AppError } from '../errors.ts';
import { newId } from '../ids.ts';
import { createLog } from './create-log.ts';
import { loggedError } from './logged-error.ts';

const failed = async (work: () => Promise<unknown>): Promise<unknown> =>
  work().then(
    () => undefined,
    (error: unknown) => error,
  );

function logged(err: unknown): string {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  createLog('info', destination).error({ err }, 'it failed');
  return lines.join('');
}

test('of a database: which constraint, not with what', async () => {
  const database = await startTestDatabase();
  const { db } = database.forService('data');
  const secret = 'xanthippe';
  const statements = [
    'CREATE TABLE x (email text UNIQUE, age int CHECK (age < 100))',
    `INSERT INTO x VALUES ('${secret}@example.org', 1)`,
    `INSERT INTO x VALUES ('${secret}@example.org', 1)`,
    `INSERT INTO x VALUES ('${secret}', 200)`,
    `SELECT '${secret}'::int`,
    `SELECT '${secret}'::timestamptz`,
    `SELECT '{"a": ${secret}}'::jsonb`,
    `SELECT '99999999999999999999'::int`,
  ];
  const wrong = statements.slice(2);
  for (const statement of statements.slice(0, 2)) await database.connection.query(statement);
  for (const statement of wrong) {
    const error = await failed(() => database.connection.query(statement));
    const line = logged(error);
    expect(line).not.toMatch(/xanthippe|99999999999/);
    expect(JSON.parse(line).err).toMatchObject({ type: expect.any(String), code: expect.stringMatching(/^\w{5}$/) });
    const byPrisma = await failed(() => db.$queryRaw(Prisma.raw(statement)));
    expect(byPrisma).toBeInstanceOf(Error);
    expect(logged(byPrisma)).not.toMatch(/xanthippe|99999999999/);
  }
  const malformed = await failed(() => db.document.findMany({ where: { id: newId(), nothing: secret } as never }));
  expect(malformed).toBeInstanceOf(Error);
  expect(logged(malformed)).not.toContain(secret);
  expect(loggedError(malformed).message).toMatch(/Unknown argument `nothing`/);
  await database.close();
});

test.each([
  ['a mail server', new Error('550 5.1.1 <xanthippe@example.org>: no such user'), '550 5.1.1 <…@…>: no such user'],
  ['a header', new Error('bad header: Bearer abc.def-ghi'), 'bad header: Bearer …'],
  ['a signed token', new Error('refused eyJhbGciOi.eyJzdWIi.c2ln'), 'refused …'],
  ['an opaque token', new Error(`no session ${'0a'.repeat(20)}`), 'no session …'],
  ['an error of ours', new AppError('NOT_FOUND', 'There is no such group.'), 'There is no such group.'],
  ['no error at all', 'xanthippe@example.org', '…@…'],
  ['what makes no text', { toString: null }, '[object Object]'],
])('of %s', (_name, error, message) => {
  expect(loggedError(error).message).toBe(message);
});

test('what caused it stands with it, and nothing that hangs on it', () => {
  const inner = Object.assign(new Error('Key (email)=(x@y.z) already exists.'), {
    detail: 'x@y.z',
    parameters: ['x@y.z'],
    code: '23505',
  });
  const error = new Error('it could not be saved', { cause: inner });
  expect(loggedError(error)).toEqual({
    type: 'Error',
    message: 'it could not be saved',
    stack: expect.stringMatching(/^\s+at /),
    cause: {
      type: 'Error',
      code: '23505',
      message: 'Key (email)=(…) already exists.',
      stack: expect.stringMatching(/^\s+at /),
    },
  });
});
