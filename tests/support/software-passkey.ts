// A passkey in software (WebAuthn level 2, ES256, no attestation): what a device and a browser make together, with every
// part of it in the hands of a test.
import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

export interface SoftwarePasskey {
  readonly credentialId: string;
  /** The JSON of `navigator.credentials.create`. */
  create(options: { readonly challenge: string }): object;
  /** The JSON of `navigator.credentials.get`, signed with this count. */
  use(options: { readonly challenge: string }, counter: number): object;
}

export interface SoftwarePasskeyOptions {
  readonly rpId: string;
  readonly origin: string;
  /** Of another passkey, to claim to be it; one of its own unless told. */
  readonly credentialId?: string;
}

const userPresent = 0x01;
const hasCredential = 0x40;

export function softwarePasskey({ rpId, origin, credentialId }: SoftwarePasskeyOptions): SoftwarePasskey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const id = credentialId ?? randomBytes(16).toString('base64url');
  const idBytes = Buffer.from(id, 'base64url');

  const clientData = (type: string, challenge: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const head = (flags: number, counter: number) =>
    Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flags]), bigEndian(counter, 4)]);
  const answer = (response: object) => ({
    id,
    rawId: id,
    type: 'public-key',
    clientExtensionResults: {},
    response,
  });
  return {
    credentialId: id,
    create({ challenge }) {
      // COSE: kty EC2, alg ES256, crv P-256, x, y.
      const key = Buffer.concat([
        Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
        cborBytes(Buffer.from(x, 'base64url')),
        Buffer.from([0x22]),
        cborBytes(Buffer.from(y, 'base64url')),
      ]);
      const authenticator = Buffer.alloc(16);
      const credential = [authenticator, bigEndian(idBytes.length, 2), idBytes, key];
      const authData = Buffer.concat([head(userPresent | hasCredential, 0), ...credential]);
      const attestation = Buffer.concat([
        Buffer.from([0xa3]),
        cborText('fmt'),
        cborText('none'),
        cborText('attStmt'),
        Buffer.from([0xa0]),
        cborText('authData'),
        cborBytes(authData),
      ]);
      return answer({
        clientDataJSON: clientData('webauthn.create', challenge).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal', 'unheard-of'],
      });
    },
    use({ challenge }, counter) {
      const data = clientData('webauthn.get', challenge);
      const authData = head(userPresent, counter);
      const signed = Buffer.concat([authData, createHash('sha256').update(data).digest()]);
      return answer({
        clientDataJSON: data.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: createSign('sha256').update(signed).sign(privateKey).toString('base64url'),
      });
    },
  };
}

function bigEndian(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

/** Of 24 to 65,535 bytes; the length as short as it can be, since nothing else is canonical (RFC 8949). */
function cborBytes(bytes: Buffer): Buffer {
  const head = bytes.length < 256 ? [0x58, bytes.length] : [0x59, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** Of at most 23 bytes. */
function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);
}
