import type { Emulator } from './emulator.js';
import { EmulatorError } from './errors.js';
import type { EmulatorOptions } from './options.js';
import { addStories, MOST_START, SharedEmulator } from './shared.js';

type Hook = (run: () => unknown, timeout?: number) => void;

/** What Jest puts into the tests' global object. */
interface JestGlobals {
  beforeEach?: Hook;
  afterEach?: Hook;
  afterAll?: Hook;
}

/** What jest-circus knows of the test that runs: pairs of an error and the place of the test. */
interface CircusState {
  currentlyRunningTest?: { errors: unknown[] } | null;
}

/**
 * An emulator for the tests of Jest in this file or `describe`. It is started once, each test finds it as
 * it was at its start, and it ends after the last. Under a test that fails stand the stories of the
 * events that were lost or had trouble.
 */
export function useEmulator(app: string, options: EmulatorOptions = {}): Emulator {
  const { beforeEach, afterEach, afterAll } = hooks();
  const shared = new SharedEmulator(app, options);
  beforeEach(() => shared.renew(), MOST_START);
  afterEach(async () => {
    const errors = errorsOfTest();
    if (errors.length === 0) return;
    const stories = await shared.stories();
    if (stories !== undefined && !addStories(errors[0], stories)) console.error(stories);
  });
  afterAll(() => shared.stop(), MOST_START);
  return shared.emulator;
}

function hooks(): Required<JestGlobals> {
  const { beforeEach, afterEach, afterAll } = globalThis as JestGlobals;
  if (beforeEach && afterEach && afterAll) return { beforeEach, afterEach, afterAll };
  throw new EmulatorError(
    'there is no Jest here, or its globals are turned off',
    'Call it in a file of tests, with `injectGlobals` on, as it is by default.',
  );
}

/** The errors of the test that has run, which Jest's public functions do not tell. */
function errorsOfTest(): unknown[] {
  const symbol = Object.getOwnPropertySymbols(globalThis).find(
    ({ description }) => description === 'JEST_STATE_SYMBOL',
  );
  const state = symbol && (globalThis as Record<symbol, CircusState | undefined>)[symbol];
  const errors = state?.currentlyRunningTest?.errors ?? [];
  return errors.map((each) => (Array.isArray(each) ? (each[0] ?? each[1]) : each));
}
