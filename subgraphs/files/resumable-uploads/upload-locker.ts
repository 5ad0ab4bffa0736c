// Lets one request at a time work on an upload in this process. Who comes later asks the one before to come to an end: a
// client that comes again has often lost a connection that still looks open here. Between processes the database decides.
import type { Lock, Locker } from '@tus/server';
import { AppError } from '../../../platform/errors.ts';

interface Turn {
  readonly release: () => void;
  readonly ended: Promise<void>;
  readonly giveWay: () => void;
}

/** Milliseconds for which a request waits for the one before. */
const longestWait = 30_000;

export function createUploadLocker(): Locker {
  const turns = new Map<string, Turn>();

  async function waitFor(before: Turn, signal: AbortSignal): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const gaveUp = new Promise<never>((_resolve, reject) => {
      const refuse = () => reject(new AppError('CONFLICT', 'Another request is at work on this upload: try again.'));
      timer = setTimeout(refuse, longestWait);
      signal.addEventListener('abort', refuse, { once: true });
    });
    await before.giveWay();
    await Promise.race([before.ended, gaveUp]).finally(() => clearTimeout(timer));
  }

  return {
    newLock(id): Lock {
      let own: Turn | undefined;
      return {
        async lock(signal, giveWay) {
          for (let before = turns.get(id); before !== undefined; before = turns.get(id)) await waitFor(before, signal);
          own = newTurn(() => void giveWay());
          turns.set(id, own);
        },
        async unlock() {
          if (own === undefined) return;
          if (turns.get(id) === own) turns.delete(id);
          own.release();
        },
      };
    },
  };
}

function newTurn(giveWay: () => void): Turn {
  let release = () => {};
  const ended = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { release, ended, giveWay };
}
