// How many uploads one person may have under way at once in this process: each holds a connection, and a part of its file
// in memory, for as long as its client likes.
import { AppError } from '../../platform/errors.ts';

export interface UploadPlaces {
  /** SERVICE_UNAVAILABLE when the person has all their places taken. */
  run<T>(userId: string, upload: () => Promise<T>): Promise<T>;
}

export const placesPerUser = 16;

export function createUploadPlaces(most = placesPerUser): UploadPlaces {
  const taken = new Map<string, number>();
  return {
    async run(userId, upload) {
      const before = taken.get(userId) ?? 0;
      if (before >= most) {
        throw new AppError('SERVICE_UNAVAILABLE', `You have ${most} uploads under way: wait until one has ended.`);
      }
      taken.set(userId, before + 1);
      try {
        return await upload();
      } finally {
        const left = (taken.get(userId) ?? 1) - 1;
        if (left === 0) taken.delete(userId);
        else taken.set(userId, left);
      }
    },
  };
}
