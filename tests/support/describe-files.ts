// A suite of files in the clinic, on every shape, with the bytes on disk or in a bucket of an S3-compatible server.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { S3Server } from '../../operations/servers/s3.ts';
import { startS3 } from '../../operations/servers/s3.ts';
import type { ClinicWorld, Surroundings } from './describe-clinic.ts';
import { describeClinic } from './describe-clinic.ts';
import type { DescribeOnShapes } from './shapes.ts';
import { describeOnAllInOne, describeOnDistributedShape } from './shapes.ts';

/** What lies in the store of bytes, as somebody with access to it could read and change it. */
export interface StoredObjects {
  readonly kind: 'disk' | 's3';
  keys(): Promise<string[]>;
  read(key: string): Promise<Buffer>;
  overwrite(key: string, bytes: Uint8Array): Promise<void>;
}

export type FilesSuite = (world: ClinicWorld, objects: StoredObjects) => void;

export interface FilesSurroundings {
  /** Environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the suite needs beside the store of bytes, started once for each clinic. */
  readonly surround?: () => Promise<Surroundings>;
}

/** On each shape with one of the stores, which is enough for what is the same whatever the shape and the store. */
export function describeFiles(name: string, suite: FilesSuite, surroundings: FilesSurroundings = {}): void {
  describeOnDisk(name, suite, surroundings, describeOnAllInOne);
  describeFilesOnS3(name, suite, surroundings, describeOnDistributedShape);
}

/** On each shape with each of the stores. */
export function describeFilesOnEveryStore(name: string, suite: FilesSuite, surroundings: FilesSurroundings = {}): void {
  describeOnDisk(name, suite, surroundings);
  describeFilesOnS3(name, suite, surroundings);
}

function describeOnDisk(
  name: string,
  suite: FilesSuite,
  surroundings: FilesSurroundings,
  describeOnShapes?: DescribeOnShapes,
): void {
  describeClinic(
    `${name}, bytes on disk`,
    (world) => suite(world, objectsOnDisk(world)),
    () => beside(surroundings),
    describeOnShapes,
  );
}

export type S3Suite = (world: ClinicWorld, objects: StoredObjects, server: () => S3Server) => void;

/** For what only a store that is a server of its own can do. The server is there from the first test on. */
export function describeFilesOnS3(
  name: string,
  suite: S3Suite,
  surroundings: FilesSurroundings = {},
  describeOnShapes?: DescribeOnShapes,
): void {
  let server: S3Server | undefined;
  const running = (): S3Server => {
    if (server === undefined) throw new Error('The server starts before the first test, not before the suite');
    return server;
  };
  describeClinic(
    `${name}, bytes on S3`,
    (world) => suite(world, objectsOnS3(running), running),
    async () => {
      const { environment, close } = await beside(surroundings);
      server = await startS3();
      return {
        environment: { ...environment, ...server.environment },
        async close() {
          await close();
          await running().stop();
        },
      };
    },
    describeOnShapes,
  );
}

/** What there is beside the store of bytes. */
async function beside({ environment, surround }: FilesSurroundings): Promise<Surroundings> {
  const more = await surround?.();
  return {
    environment: { ...environment, ...more?.environment },
    close: async () => more?.close(),
  };
}

function objectsOnDisk(world: ClinicWorld): StoredObjects {
  const paths = () => {
    const folder = join(world.shape.dataDir, 'files');
    const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return new Map(found.map(({ name, parentPath }) => [name, join(parentPath, name)]));
  };
  const pathOf = (key: string): string => {
    const path = paths().get(key);
    if (path === undefined) throw new Error(`There is no object ${key}`);
    return path;
  };
  return {
    kind: 'disk',
    keys: async () => [...paths().keys()],
    read: async (key) => readFileSync(pathOf(key)),
    overwrite: async (key, bytes) => writeFileSync(pathOf(key), bytes),
  };
}

const prefix = 'files/';

function objectsOnS3(server: () => S3Server): StoredObjects {
  return {
    kind: 's3',
    keys: async () => (await server().keys()).map((key) => key.replace(prefix, '')),
    read: (key) => server().read(`${prefix}${key}`),
    overwrite: (key, bytes) => server().write(`${prefix}${key}`, bytes),
  };
}
