// The one row of settings, which a migration has made. Read anew each time: what operators decide holds at once.
import type { FileSettings, Prisma } from '../../../generated/prisma/client.ts';
import type { Database } from '../../../platform/database/database.ts';
import { fileSettingsUpdated } from '../events.ts';
import type { ApplicationFileLimit, FileSettingsModel } from '../models.ts';

/** Numbers of bytes; null: no limit. */
export interface FileLimits {
  /** Of one file, beside what the configuration allows. */
  readonly maximumFileBytes: number | null;
  /** Of all files of one user together. */
  readonly maximumBytesPerUser: number | null;
  /** Of all files of the application together. */
  readonly maximumBytesPerApplication: number | null;
}

/** What is not given stays; null takes a limit away. */
export type SettingsChanges = Partial<Omit<FileSettingsModel, 'updatedAt'>>;

export interface SettingsStore {
  findSettings(): Promise<FileSettingsModel>;
  /** The limits for what is uploaded through this application, or through none. */
  limitsFor(applicationId: string | null | undefined): Promise<FileLimits>;
  update(changes: SettingsChanges): Promise<FileSettingsModel>;
}

export function createSettingsStore(database: Database): SettingsStore {
  const { db, write } = database.forService<'fileSettings'>('files');
  const where = { id: 1 };
  const findSettings = async () => opened(await db.fileSettings.findUniqueOrThrow({ where }));
  return {
    findSettings,
    async limitsFor(applicationId) {
      const { maximumFileBytes, maximumBytesPerUser, applicationLimits } = await findSettings();
      const limit = applicationLimits.find((one) => one.applicationId === applicationId);
      return {
        maximumFileBytes: limit?.maximumFileBytes ?? maximumFileBytes,
        maximumBytesPerUser,
        maximumBytesPerApplication: limit?.maximumBytes ?? null,
      };
    },
    update: (changes) =>
      write(async (tx) => {
        const row = await tx.db.fileSettings.update({ where, data: columns(changes) });
        tx.publish(fileSettingsUpdated(Object.keys(changes)));
        return opened(row);
      }),
  };
}

function opened(row: FileSettings): FileSettingsModel {
  return {
    disableForceDownloadForMimeTypes: row.disableForceDownloadForMimeTypes,
    anonymousTokens: row.anonymousTokens,
    maximumFileBytes: row.maximumFileBytes === null ? null : Number(row.maximumFileBytes),
    maximumBytesPerUser: row.maximumBytesPerUser === null ? null : Number(row.maximumBytesPerUser),
    applicationLimits: row.applicationLimits as unknown as readonly ApplicationFileLimit[],
    updatedAt: row.updatedAt,
  };
}

/** Each setting has the column of its name. */
function columns({ applicationLimits, ...others }: SettingsChanges): Prisma.FileSettingsUpdateInput {
  if (applicationLimits === undefined) return others;
  return { ...others, applicationLimits: applicationLimits.map((limit) => ({ ...limit })) };
}
