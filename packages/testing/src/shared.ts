import { Emulator, type Snapshot } from './emulator.js';
import { EmulatorError } from './errors.js';
import type { EmulatorOptions } from './options.js';

/** How long a start may take, in milliseconds: runners give hooks less. */
export const MOST_START = 120_000;

/** One emulator for the tests of a file or a `describe`: each finds it as it was at its start. */
export class SharedEmulator {
  private running: Emulator | undefined;
  private failure: unknown;
  private start: Snapshot | undefined;

  constructor(private readonly app: string, private readonly options: EmulatorOptions) {}

  /** The emulator as tests see it: it is there while they run. */
  readonly emulator: Emulator = new Proxy({} as Emulator, {
    get: (_, name) => {
      // What is awaited, or printed, before it runs.
      if (typeof name === 'symbol' || name === 'then') return undefined;
      const running = this.current;
      const value: unknown = Reflect.get(running, name, running);
      return typeof value === 'function' ? value.bind(running) : value;
    },
    has: (_, name) => this.running !== undefined && name in this.running,
  });

  /** Before each test: starts it, or goes back to its start. */
  async renew(): Promise<void> {
    if (this.running !== undefined && this.start !== undefined) {
      try {
        await this.running.restore(this.start);
        return;
      } catch (error) {
        // The last test has left a handler at work, or has ended the emulator.
        if (!(error instanceof EmulatorError)) throw error;
      }
    }
    await this.stop();
    // What does not start does not for the next test either.
    if (this.failure !== undefined) throw this.failure;
    try {
      this.running = await Emulator.start(this.app, this.options);
    } catch (error) {
      this.failure = error;
      throw error;
    }
    // In real time there are no snapshots: each test has an emulator of its own.
    if (this.options.virtual !== false) this.start = await this.running.snapshot();
  }

  async stop(): Promise<void> {
    const { running } = this;
    this.running = this.start = undefined;
    await running?.stop();
  }

  /** What stands below the error of a test that has failed; undefined where no emulator answers. */
  async stories(): Promise<string | undefined> {
    try {
      return await this.running?.failureText();
    } catch {
      // The test's own error says why.
      return undefined;
    }
  }

  private get current(): Emulator {
    if (this.running !== undefined) return this.running;
    throw new EmulatorError(
      'the emulator does not run yet, or no more',
      'Use what `useEmulator` returns inside of tests and hooks.',
    );
  }
}

/** Adds `stories` to an error as runners print it; answers whether they could be added. */
export function addStories(error: unknown, stories: string): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const failed = error as { message?: unknown; stack?: unknown };
  if (typeof failed.message !== 'string') return false;
  const { message } = failed;
  // An assertion of the emulator has told them.
  const firstStory = stories.split('\n').slice(1).find((line) => !line.startsWith('! ')) ?? stories;
  if (message.includes(firstStory)) return true;
  const added = message === '' ? stories : `${message}\n\n${stories}`;
  try {
    const stack = typeof failed.stack === 'string' ? failed.stack : undefined;
    failed.message = added;
    if (stack !== undefined) failed.stack = message === '' ? `${stories}\n${stack}` : stack.replace(message, () => added);
  } catch {
    return false;
  }
  return true;
}
