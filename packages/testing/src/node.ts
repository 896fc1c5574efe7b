import { after, afterEach, beforeEach } from 'node:test';
import type { Emulator } from './emulator.js';
import type { EmulatorOptions } from './options.js';
import { addStories, SharedEmulator } from './shared.js';

/** What hooks of a test get, from Node.js 20.12 on. */
interface Ended {
  readonly passed?: boolean;
  readonly error?: { readonly cause?: unknown } | null;
  diagnostic(text: string): void;
}

/**
 * An emulator for the tests of node:test in this file or `describe`. It is started once, each test finds
 * it as it was at its start, and it ends after the last. Under a test that fails stand the stories of the
 * events that were lost or had trouble.
 */
export function useEmulator(app: string, options: EmulatorOptions = {}): Emulator {
  const shared = new SharedEmulator(app, options);
  beforeEach(() => shared.renew());
  afterEach(async (context) => {
    const test = context as unknown as Ended;
    if (test.passed !== false) return;
    const stories = await shared.stories();
    if (stories === undefined || addStories(test.error?.cause, stories)) return;
    for (const line of stories.split('\n')) test.diagnostic(line);
  });
  after(() => shared.stop());
  return shared.emulator;
}
