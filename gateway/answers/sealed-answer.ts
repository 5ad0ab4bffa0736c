// How answers lie in Redis, where others may read: encrypted for the key that they stand under, whose name says nothing.
// What was changed, or moved to another key, is as good as absent.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { decrypt, encrypt } from '../../platform/authenticated-encryption.ts';
import { deriveKey } from '../../platform/derive-key.ts';
import type { KeptAnswer } from './kept-answer.ts';

export interface AnswerSealing {
  /** What stands for the key of an answer. */
  nameOf(key: string): string;
  seal(name: string, answer: KeptAnswer): Buffer;
  /** Undefined for whatever `seal` has not made for this name. */
  open(name: string, sealed: Uint8Array): KeptAnswer | undefined;
}

const shape = z.object({
  data: z.string(),
  since: z.string().regex(/^\d+$/).transform(BigInt),
  dependsOn: z.array(z.string()),
  notFor: z.array(z.string()),
  keptBy: z.string(),
  changes: z.number(),
});

export function createAnswerSealing(secret: string): AnswerSealing {
  const names = deriveKey(secret, 'names of kept answers');
  // A key for each name: however many answers are kept, none encrypts too many.
  const keyOf = (name: string) => deriveKey(secret, `kept answer ${name}`);
  return {
    nameOf: (key) => createHmac('sha256', names).update(key).digest('base64url'),
    seal(name, answer) {
      const text = JSON.stringify({ ...answer, since: answer.since.toString() });
      return encrypt(Buffer.from(text, 'utf8'), keyOf(name), Buffer.from(name, 'utf8'));
    },
    open(name, sealed) {
      try {
        const text = decrypt(sealed, keyOf(name), Buffer.from(name, 'utf8')).toString('utf8');
        return shape.parse(JSON.parse(text));
      } catch {
        return undefined;
      }
    },
  };
}
