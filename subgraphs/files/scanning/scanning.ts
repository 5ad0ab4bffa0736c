// Scanning as a part of the service: all of it where a scanner is configured, nothing where none is.
import type { Clock } from '../../../platform/clock.ts';
import type { Database } from '../../../platform/database/database.ts';
import type { JobHandlers } from '../../../platform/jobs/job.ts';
import { type Check, dispensable } from '../../../platform/readiness.ts';
import type { Logger } from '../../../platform/subgraph/context.ts';
import type { FileContent } from '../file-content.ts';
import { createClamdClient } from './clamd-client.ts';
import { scanJobs } from './scan-jobs.ts';
import { createScanStore } from './scan-store.ts';

export interface Scanning {
  readonly jobs: JobHandlers;
  readonly checks: Readonly<Record<string, Check>>;
  /** Tells operators what they may not expect. */
  start(): Promise<void>;
}

export interface ScanningParts {
  /** Undefined: files are not scanned. */
  readonly clamdUrl: string | undefined;
  readonly database: Database;
  readonly content: FileContent;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createScanning({ clamdUrl, database, content, clock, log }: ScanningParts): Scanning {
  const store = createScanStore(database);
  if (clamdUrl === undefined) {
    return {
      jobs: {},
      checks: {},
      async start() {
        const waiting = await store.countWaiting();
        // They were promised a scan: whoever took the scanner away may not have meant to let them pass.
        if (waiting > 0) log.warn({ waiting }, 'files wait for a virus scanner, and CLAMD_URL names none');
      },
    };
  }
  const scanner = createClamdClient(clamdUrl);
  return {
    jobs: scanJobs({ scanner, store, content, clock, log }),
    // What is there already can be had without it, and what arrives can wait.
    checks: { scanner: dispensable(() => scanner.ping()) },
    async start() {
      await scanner.ping().catch((err: unknown) => log.error({ err }, 'the virus scanner cannot be used'));
    },
  };
}
