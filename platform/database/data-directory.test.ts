// The embedded database's directory: one process at a time, and everything is still there afterwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newId } from '../ids.ts';
import { claimDataDirectory } from './data-directory.ts';
import { openDatabase } from './open-database.ts';

const silent = { info: () => {}, warn: () => {} };

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'caregraph-data-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe('a data directory', () => {
  const lock = () => join(dataDir, 'postgres.lock');

  /** Another process, and what it would have left in the lock file. */
  async function startProcess() {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await once(child, 'spawn');
    return {
      pid: child.pid,
      end: async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }

  test('is refused while this process has it, and free again when it is given back', () => {
    const release = claimDataDirectory(dataDir);
    expect(() => claimDataDirectory(dataDir)).toThrow(`in use by process ${process.pid}`);
    release();
    claimDataDirectory(dataDir)();
    expect(existsSync(lock())).toBe(false);
  });

  test('is refused while another process has it, and taken over when that one is gone', async () => {
    const other = await startProcess();
    const facts = existsSync('/proc') ? readFileSync(`/proc/${other.pid}/stat`, 'utf8') : '';
    const start = facts.slice(facts.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    writeFileSync(lock(), `${other.pid} ${start}`);
    expect(() => claimDataDirectory(dataDir)).toThrow(`in use by process ${other.pid}`);
    await other.end();
    claimDataDirectory(dataDir)();
  });

  test.each([
    ['an earlier process with the id of this one', `${process.pid} 1`],
    ['a process whose id another one has now', '1 an earlier start'],
    ['a crash of the machine that cut the file off', ''],
  ])('is taken over from %s', (_, claim) => {
    writeFileSync(lock(), claim);
    claimDataDirectory(dataDir)();
  });
});

test('what was written is there after a restart, also when closing came while writing', async () => {
  const ids = [newId(), newId(), newId()];
  const first = await openDatabase({ dataDir, log: silent });
  const writing = ids.map((id) =>
    first.forService<'group'>('users').write(async (tx) => {
      await tx.db.group.create({ data: { id, name: 'A', description: '' } });
      tx.publish({ type: 'group_created', content: { id } });
    }),
  );
  await expect(openDatabase({ dataDir, log: silent })).rejects.toThrow('in use');
  await first.close();
  await Promise.all(writing);

  const again = await openDatabase({ dataDir, log: silent });
  const groups = await again.forService<'group'>('users').db.group.findMany({ orderBy: { id: 'asc' } });
  expect(groups.map(({ id }) => id)).toEqual(ids);
  expect(await again.forService<'outboxEvent'>('events').db.outboxEvent.count()).toBe(3);
  await again.close();
});

test('a first start that was cut off does not stand in the way of the next one', async () => {
  writeFileSync(join(dataDir, 'postgres.unfinished'), '');
  mkdirSync(join(dataDir, 'postgres', 'base'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '18');
  const database = await openDatabase({ dataDir, log: silent });
  await database.ping();
  await database.close();
  expect(existsSync(join(dataDir, 'postgres.unfinished'))).toBe(false);
});
