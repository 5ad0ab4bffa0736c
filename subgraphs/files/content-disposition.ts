// The header that makes browsers save a file under its name instead of showing it (RFC 6266).
import { bareType } from './media-types.ts';

/** Letters, digits and marks that RFC 8187 §3.2.1 lets through; encodeURIComponent also lets these five through. */
const alsoEncoded = /['()*!]/g;

export interface NamedBytes {
  readonly name: string;
  readonly mimeType: string;
}

/**
 * `shown`: the media types that operators let browsers show. The plain name is for what does not know the second form;
 * every client of this century takes the second.
 */
export function contentDisposition({ name, mimeType }: NamedBytes, shown: readonly string[]): string {
  const isShown = shown.some((type) => type === '*/*' || type.toLowerCase() === bareType(mimeType));
  const plain = name.replace(/[^\x20-\x7e]/gu, '_').replace(/["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    alsoEncoded,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${isShown ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
