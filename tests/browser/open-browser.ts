// Debian's Chromium, headless, with a new and empty profile, for tests that need a real browser.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';
import { type BrowserContext, chromium } from 'playwright-core';

const executablePath = '/usr/bin/chromium';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'caregraph-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: quiet,
  });
  return {
    context,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A suite in a browser. Without one it is skipped with a line that says so; under CI, which installs it, it fails. */
export function describeInBrowser(name: string, suite: () => void): void {
  if (existsSync(executablePath)) {
    describe(name, suite);
  } else if (process.env.CI) {
    test(name, () => {
      throw new Error('Not installed: chromium');
    });
  } else {
    describe.skip(`${name} (skipped, not installed: chromium)`, suite);
  }
}
