// The header that makes browsers save a file under its name instead of showing it (RFC 6266).

/** Letters, digits and marks that RFC 8187 §3.2.1 lets through; encodeURIComponent also lets these five through. */
const alsoEncoded = /['()*!]/g;

/** The plain name is for what does not know the second form; every client of this century takes the second. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/gu, '_').replace(/["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    alsoEncoded,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
