// Makes ready what a cluster stands on: a PostgreSQL and a Redis server, a store of objects, a catcher of mail, and a
// folder. Nothing runs yet.
import { connect } from 'node:net';
import { join } from 'node:path';
import { projectFolder } from '../../platform/project-folder.ts';
import { preparePostgres } from '../servers/postgres.ts';
import { prepareRedis } from '../servers/redis.ts';
import { type PreparedS3, prepareS3 } from '../servers/s3.ts';
import { freePort, type PreparedServer, removeFolder, temporaryFolder } from '../servers/throwaway-process.ts';

export interface ClusterServers {
  readonly postgres: PreparedServer;
  readonly redis: PreparedServer;
  readonly store: PreparedS3;
  readonly mail: PreparedServer & { readonly mailFolder: string };
  /** For what processes of Caregraph keep on disk. */
  readonly dataFolder: string;
  /** Removes all that they keep; none may run. */
  remove(): void;
}

/** All of them, or none. */
export async function prepareServers(postgresSettings: Readonly<Record<string, string>> = {}): Promise<ClusterServers> {
  const preparing = [
    preparePostgres({ settings: postgresSettings }),
    prepareRedis(),
    prepareS3(),
    prepareMailCatcher(),
  ] as const;
  const settled = await Promise.allSettled(preparing);
  const dataFolder = temporaryFolder('data');
  const remove = () => {
    removeFolder(dataFolder);
    for (const one of settled) if (one.status === 'fulfilled') one.value.remove();
  };
  try {
    const [postgres, redis, store, mail] = await Promise.all(preparing);
    return { postgres, redis, store, mail, dataFolder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function prepareMailCatcher(): Promise<ClusterServers['mail']> {
  const folder = temporaryFolder('mail');
  const mailFolder = join(folder, 'mails');
  const port = await freePort();
  return {
    url: `smtp://127.0.0.1:${port}`,
    mailFolder,
    program: process.execPath,
    args: [join(projectFolder(), 'dist', 'operations', 'mail-catcher', 'main.js'), `${port}`, mailFolder],
    folder,
    isReady: () => takesConnections(port),
    remove: () => removeFolder(folder),
  };
}

function takesConnections(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
