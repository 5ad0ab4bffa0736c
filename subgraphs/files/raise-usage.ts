// Adds the bytes of a file to what its user and its application use. In the transaction that makes the file complete,
// and with none, to count under its lock, in those that bring pieces.
import type { Models } from '../../platform/database/database.ts';
import { type FileOwners, type QuotaOwner, quotaExceeded, quotaOwners, type UploadLimits } from './upload-limits.ts';

export interface UsageRise {
  readonly owners: FileOwners;
  readonly bytes: number;
  readonly limits: UploadLimits;
  /** What else counts for an owner now. */
  readonly halves?: (owner: QuotaOwner) => Promise<number>;
}

/** The row of a usage stays locked until the transaction ends: uploads that end at the same time count each other. */
export async function raiseUsage(db: Models<'fileUsage'>, { owners, bytes, limits, halves }: UsageRise): Promise<void> {
  for (const owner of quotaOwners(owners)) {
    const { kind, ownerId } = owner;
    const most = limits[kind];
    // Nothing to add, and nothing to hold it against.
    if (bytes === 0 && most === undefined) continue;
    const [usage] = await db.$queryRaw<{ bytes: bigint }[]>`
      INSERT INTO files.usage (kind, owner_id, bytes, updated_at) VALUES (${kind}, ${ownerId}::uuid, ${bytes}::bigint, now())
      ON CONFLICT (kind, owner_id) DO UPDATE SET bytes = usage.bytes + excluded.bytes, updated_at = now()
      RETURNING bytes`;
    if (most === undefined) continue;
    if (Number(usage?.bytes) + ((await halves?.(owner)) ?? 0) > most) throw quotaExceeded(kind, most);
  }
}
