// Takes the bytes of files that go off what their users and applications use. In the transaction that removes the files.
import type { Models } from '../../platform/database/database.ts';
import type { FileModel } from './models.ts';
import { quotaOwners } from './upload-limits.ts';

type CountedFile = Pick<FileModel, 'creatorId' | 'applicationId' | 'size'>;

export async function lowerUsage(db: Models<'fileUsage'>, files: readonly CountedFile[]): Promise<void> {
  const shares = files.flatMap((file) =>
    file.size === null ? [] : quotaOwners(file).map((owner) => ({ ...owner, bytes: file.size })),
  );
  if (shares.length === 0) return;
  const kinds = shares.map(({ kind }) => kind);
  const owners = shares.map(({ ownerId }) => ownerId);
  const bytes = shares.map((share) => share.bytes);
  // As uploads lock them: applications before users. So transactions wait for each other, but never in a circle.
  await db.$executeRaw`
    WITH less AS (
      SELECT kind, owner_id, sum(bytes)::bigint AS bytes
      FROM unnest(${kinds}::text[], ${owners}::uuid[], ${bytes}::bigint[]) AS share (kind, owner_id, bytes)
      GROUP BY kind, owner_id
    ), locked AS MATERIALIZED (
      SELECT kind, owner_id FROM files.usage JOIN less USING (kind, owner_id)
      ORDER BY kind, owner_id FOR UPDATE OF usage
    )
    UPDATE files.usage SET bytes = greatest(usage.bytes - less.bytes, 0), updated_at = now()
    FROM locked JOIN less USING (kind, owner_id)
    WHERE usage.kind = locked.kind AND usage.owner_id = locked.owner_id`;
}
