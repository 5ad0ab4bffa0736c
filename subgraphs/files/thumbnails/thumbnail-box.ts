// What a small picture can be asked for: of which files, how large, and as which type it comes.
import { AppError, invalidInput } from '../../../platform/errors.ts';
import { canonicalType } from '../media-types.ts';
import type { FileModel } from '../models.ts';

/** Pixels. */
export interface ThumbnailBox {
  readonly width: number;
  readonly height: number;
}

export interface ThumbnailType {
  readonly format: 'jpeg' | 'png' | 'webp';
  readonly mimeType: string;
  /** Of file names. */
  readonly extension: string;
}

export interface WantedBox {
  readonly width?: number | null | undefined;
  readonly height?: number | null | undefined;
}

export const mostPixelsOfSide = 2_048;
const mostSourceBytes = 50 * 1_024 * 1_024;

const jpeg: ThumbnailType = { format: 'jpeg', mimeType: 'image/jpeg', extension: 'jpg' };
const png: ThumbnailType = { format: 'png', mimeType: 'image/png', extension: 'png' };
const webp: ThumbnailType = { format: 'webp', mimeType: 'image/webp', extension: 'webp' };

/** By the canonical type of the file. */
const types: ReadonlyMap<string, ThumbnailType> = new Map([
  ['image/jpeg', jpeg],
  ['image/png', png],
  ['image/webp', webp],
  ['image/gif', webp],
  ['image/avif', webp],
  ['image/tiff', webp],
]);

/**
 * The box that whole numbers (or NaN, which is refused) ask for: a side that is not given is as long as it may be.
 * Undefined: the file itself is asked for. BAD_USER_INPUT names the side at fault.
 */
export function requestedBox({ width, height }: WantedBox): ThumbnailBox | undefined {
  if ((width ?? undefined) === undefined && (height ?? undefined) === undefined) return undefined;
  return { width: requireSide(width, 'width'), height: requireSide(height, 'height') };
}

function requireSide(pixels: number | null | undefined, field: string): number {
  if (pixels === null || pixels === undefined) return mostPixelsOfSide;
  if (pixels >= 1 && pixels <= mostPixelsOfSide) return pixels;
  throw invalidInput(field, `a picture has 1 to ${mostPixelsOfSide} pixels on each side.`);
}

/** Why no picture can be made of the file, or undefined. */
export function noThumbnailBecause({ mimeType, size }: Pick<FileModel, 'mimeType' | 'size'>): string | undefined {
  if (!types.has(canonicalType(mimeType))) {
    return `pictures are made of ${[...types.keys()].join(', ')} only.`;
  }
  if (size !== null && size > mostSourceBytes) return `pictures are made of files of at most ${mostSourceBytes} bytes.`;
  return undefined;
}

/** BAD_REQUEST for a file that no picture is made of. */
export function requireThumbnailSource(file: Pick<FileModel, 'mimeType' | 'size'>): void {
  const reason = noThumbnailBecause(file);
  if (reason !== undefined) throw new AppError('BAD_REQUEST', `width: ${reason}`, { field: 'width' });
}

/** As what the picture of a file of this type comes. */
export function thumbnailType(mimeType: string): ThumbnailType {
  return types.get(canonicalType(mimeType)) ?? webp;
}
