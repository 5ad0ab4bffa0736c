// Statements of pg-boss's upkeep wait for a database that is away, and no failure of theirs is ever left unseen.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { patientSql } from './patient-sql.ts';

const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

function start(answers: readonly (() => Promise<{ rows: unknown[] }>)[]) {
  const logged: unknown[] = [];
  const closing = new AbortController();
  let calls = 0;
  const executeSql = async () => {
    calls += 1;
    return (answers[calls - 1] ?? (() => Promise.reject(away())))();
  };
  const log = { error: (facts: unknown) => logged.push(facts) };
  return { logged, closing, calls: () => calls, sql: patientSql({ executeSql }, { log, signal: closing.signal }) };
}

test('a statement that fails is logged, and has no rows', async () => {
  const { sql, logged, calls } = start([() => Promise.reject(new Error('syntax error'))]);
  expect(await sql.executeSql('SELECT', [])).toEqual({ rows: [] });
  expect(logged).toHaveLength(1);
  expect(calls()).toBe(1);
});

test('what waits for the database ends without rows when the process closes', async () => {
  const { sql, closing, logged, calls } = start([]);
  const waiting = sql.executeSql('SELECT', []);
  let idle = false;
  sql.idle().then(() => {
    idle = true;
  });
  await pause(50);
  expect(idle).toBe(false);
  closing.abort();
  expect(await waiting).toEqual({ rows: [] });
  await sql.idle();
  const before = calls();
  expect(await sql.executeSql('SELECT', [])).toEqual({ rows: [] });
  expect(calls()).toBe(before);
  expect(logged).toEqual([]);
});

test('a statement is tried until the database is back', async () => {
  const rows = [{ name: 'users.sendMail' }];
  const { sql, logged, calls } = start([() => Promise.reject(away()), async () => ({ rows })]);
  expect(await sql.executeSql('SELECT', [])).toEqual({ rows });
  expect(calls()).toBe(2);
  expect(logged).toEqual([]);
});
