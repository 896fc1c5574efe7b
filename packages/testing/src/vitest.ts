import { afterAll, beforeEach } from 'vitest';
import type { Emulator } from './emulator.js';
import type { EmulatorOptions } from './options.js';
import { addStories, MOST_START, SharedEmulator } from './shared.js';

/**
 * An emulator for the tests of Vitest in this file or `describe`. It is started once, each test finds it
 * as it was at its start, and it ends after the last. Under a test that fails stand the stories of the
 * events that were lost or had trouble.
 */
export function useEmulator(app: string, options: EmulatorOptions = {}): Emulator {
  const shared = new SharedEmulator(app, options);
  beforeEach(async ({ onTestFailed }) => {
    onTestFailed(async ({ task }) => {
      const stories = await shared.stories();
      if (stories !== undefined && !addStories(task.result?.errors?.[0], stories)) console.error(stories);
    });
    await shared.renew();
  }, MOST_START);
  afterAll(() => shared.stop(), MOST_START);
  return shared.emulator;
}
