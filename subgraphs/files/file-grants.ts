// Grants: what makes a URL good for one person, one file, one direction and a short time. A grant proves who asks; what
// that person may do is decided when the URL is used, never here.
import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../platform/clock.ts';
import { deriveKey } from '../../platform/derive-key.ts';
import { AppError } from '../../platform/errors.ts';
import type { ThumbnailBox } from './thumbnails/thumbnail-box.ts';

export type GrantedOperation = 'put' | 'resume' | 'get';

export interface GrantedUse {
  readonly fileId: string;
  readonly operation: GrantedOperation;
}

export interface Granted {
  /** Whom the grant was issued to. */
  readonly userId: string;
  /** The small picture that it is good for, instead of the file. */
  readonly box: ThumbnailBox | undefined;
}

export interface FileGrants {
  /** A compact JWS (HS256) for a query string. */
  issue(userId: string, use: GrantedUse, box?: ThumbnailBox): Promise<string>;
  /** UNAUTHENTICATED for a grant that is forged, expired, or good for something else. */
  verify(grant: unknown, use: GrantedUse): Promise<Granted>;
}

const secondsGood: Readonly<Record<GrantedOperation, number>> = { put: 3_600, resume: 86_400, get: 300 };

export function createFileGrants(serviceSecret: string, clock: Clock): FileGrants {
  // A key of its own: nothing else that the secret signs passes for a grant.
  const key = deriveKey(serviceSecret, 'file grants');
  return {
    issue(userId, { fileId, operation }, box) {
      return new SignJWT({ fid: fileId, op: operation, ...(box === undefined ? {} : { w: box.width, h: box.height }) })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(userId)
        .setExpirationTime(Math.floor(clock() / 1000) + secondsGood[operation])
        .sign(key);
    },
    async verify(grant, { fileId, operation }) {
      const refusal = new AppError(
        'UNAUTHENTICATED',
        'The grant in this URL is not valid, or no longer. Ask for a new URL, or use an access token without it.',
      );
      if (typeof grant !== 'string') throw refusal;
      const { payload } = await jwtVerify(grant, key, {
        algorithms: ['HS256'],
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(clock()),
      }).catch(() => {
        throw refusal;
      });
      if (payload.fid !== fileId || payload.op !== operation || payload.sub === undefined) throw refusal;
      const { w, h } = payload as { w?: number; h?: number };
      const box = w === undefined || h === undefined ? undefined : { width: w, height: h };
      return { userId: payload.sub, box };
    },
  };
}
