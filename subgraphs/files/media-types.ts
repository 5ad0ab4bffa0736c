// Media types that are called by several names, or whose first bytes are the same.

/** The name that the check of contents knows a type by: without parameters, and without the other names it has. */
export function canonicalType(mimeType: string): string {
  const type = bareType(mimeType);
  return aliases.get(type) ?? type;
}

/** Type and subtype in small letters, without parameters such as `charset`. */
export function bareType(mimeType: string): string {
  return (mimeType.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** Whether the first bytes of one (as `canonicalType` names them) may be taken for the other. */
export function areAlike(type: string, other: string): boolean {
  if (type === other) return true;
  if (type === zip || other === zip) return [type, other].every((one) => one === zip || zipped.test(one));
  return families.some((family) => family.has(type) && family.has(other));
}

export function isText(type: string): boolean {
  return type.startsWith('text/') || textTypes.has(type) || textSuffix.test(type);
}

const textTypes = new Set(['application/json', 'application/xml', 'application/javascript', 'application/ecmascript']);
const textSuffix = /\+(json|xml)$/;

const zip = 'application/zip';

/** The bytes that tell such a type from any other archive need not be among the first. */
const zipped =
  /^(application\/(vnd\.(openxmlformats-officedocument|oasis\.opendocument|ms-(word|excel|powerpoint)|visio|android\.package-archive)|epub\+zip|java-archive|x-xpinstall)|model\/3mf)/;

const aliases: ReadonlyMap<string, string> = new Map([
  ['application/x-gzip', 'application/gzip'],
  ['application/x-pdf', 'application/pdf'],
  ['application/x-zip', zip],
  ['application/x-zip-compressed', zip],
  ['application/vnd.rar', 'application/x-rar-compressed'],
  ['application/vnd.sqlite3', 'application/x-sqlite3'],
  ['audio/m4a', 'audio/x-m4a'],
  ['audio/mp3', 'audio/mpeg'],
  ['audio/vnd.wave', 'audio/wav'],
  ['audio/wave', 'audio/wav'],
  ['audio/x-aiff', 'audio/aiff'],
  ['audio/x-flac', 'audio/flac'],
  ['audio/x-mp3', 'audio/mpeg'],
  ['audio/x-wav', 'audio/wav'],
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/vnd.microsoft.icon', 'image/x-icon'],
  ['image/x-bmp', 'image/bmp'],
  ['image/x-ms-bmp', 'image/bmp'],
  ['image/x-png', 'image/png'],
  ['image/x-tiff', 'image/tiff'],
  ['text/rtf', 'application/rtf'],
  ['video/avi', 'video/vnd.avi'],
  ['video/x-matroska', 'video/matroska'],
  ['video/x-msvideo', 'video/vnd.avi'],
]);

/** Which of a family it is stands further back in the file, or is a matter of opinion. */
const families: readonly ReadonlySet<string>[] = [
  ['application/ogg', 'audio/ogg', 'video/ogg'],
  ['video/mp4', 'audio/mp4', 'audio/x-m4a', 'video/x-m4v', 'video/quicktime', 'video/3gpp', 'video/3gpp2'],
  ['video/matroska', 'video/webm', 'audio/webm', 'audio/x-matroska'],
  ['application/vnd.ms-asf', 'video/x-ms-asf', 'audio/x-ms-asf'],
  ['audio/mpeg', 'video/mpeg', 'video/mp1s', 'video/mp2p'],
  ['audio/wav', 'audio/qcelp'],
  ['image/png', 'image/apng'],
  ['image/heif', 'image/heic', 'image/heif-sequence', 'image/heic-sequence', 'image/avif'],
  ['image/jp2', 'image/jpx', 'image/jpm', 'image/mj2'],
  [
    'image/tiff',
    'image/x-adobe-dng',
    'image/x-canon-cr2',
    'image/x-nikon-nef',
    'image/x-olympus-orf',
    'image/x-panasonic-rw2',
    'image/x-sony-arw',
  ],
  ['application/postscript', 'application/eps'],
  ['application/x-cfb', 'application/vnd.ms-outlook', 'application/vnd.visio'],
].map((family) => new Set(family));
