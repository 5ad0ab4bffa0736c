// Keeps a second process out of the embedded database's directory, where it would destroy the first one's data.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../start-error.ts';

/** Directories that this very process has open, as its own id in a lock file says nothing about that. */
const openHere = new Set<string>();

/**
 * Claims `<dataDir>` for this process and returns how to give it back. A claim of a process that is gone is taken
 * over. Throws when the directory is in use.
 */
export function claimDataDirectory(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'postgres.lock');
  if (openHere.has(file)) throw inUse(dataDir, process.pid);
  const claim = `${process.pid} ${startOf(process.pid)}`;
  while (!created(file, claim)) {
    const other = readClaim(file);
    if (other === undefined) continue; // given back just now
    if (isHeld(other)) throw inUse(dataDir, Number.parseInt(other, 10));
    removeStale(file, other);
  }
  openHere.add(file);
  return () => {
    if (openHere.delete(file)) rmSync(file, { force: true });
  };
}

function inUse(dataDir: string, pid: number): StartError {
  return new StartError(
    `The data directory ${dataDir} is in use by process ${pid}. Stop that one, give this one another DATA_DIR, or give both a DATABASE_URL.`,
  );
}

function created(file: string, claim: string): boolean {
  try {
    writeFileSync(file, claim, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function readClaim(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Moved away before it is removed, and looked at again there: in the meantime another process may have taken over. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (readClaim(aside) !== stale) linkSync(aside, file);
  rmSync(aside, { force: true });
}

function isHeld(claim: string): boolean {
  const [pidText, start] = claim.split(' ');
  const pid = Number(pidText);
  // An empty claim was cut off by a crash of the machine. Our own id is that of a process before us (a container
  // starts with the same ids each time), as openHere would know better.
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  return start === startOf(pid) && !isZombie(pid);
}

/** When a process was started, as far as the system tells: its id alone may have been given out again. */
function startOf(pid: number): string {
  return processFacts(pid)[19] ?? '';
}

/** Ended, but not yet taken note of by its parent: in a container without an init that may be never. */
function isZombie(pid: number): boolean {
  return processFacts(pid)[0] === 'Z';
}

/** Linux tells of a process from its state (the first of these) on; other systems tell nothing here. */
function processFacts(pid: number): string[] {
  try {
    const facts = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return facts.slice(facts.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
