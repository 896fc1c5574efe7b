import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { EmulatorError } from './errors.js';
import type { EmulatorOptions } from './options.js';

/** Where an emulator is served. */
export interface ServedAt {
  url: string;
  token: string;
  version: string;
}

/** A process of forge-emu that serves one emulator. It ends with this process, whatever happens. */
export class EmulatorProcess {
  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly said: { text: string },
    private readonly ended: Promise<void>,
    readonly served: ServedAt,
  ) {}

  /** Starts it, and waits until the app is loaded. Throws EmulatorError where it is not. */
  static async start(app: string, options: EmulatorOptions): Promise<EmulatorProcess> {
    const { command, ...rest } = options;
    const [program, ...first] = commandOf(command);
    const child = spawn(program!, [...first, 'testing', 'serve', app], {
      stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true,
    });
    const said = { text: '' };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.text = (said.text + text).slice(-20_000);
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    let failure: Error | undefined;
    child.once('error', (error) => { failure = error; });
    // A process that has ended does not read its options: what it said is the error.
    child.stdin.on('error', () => {});
    child.stdin.write(`${JSON.stringify(rest)}\n`);
    const line = await firstLine(child, ended);
    if (line === undefined) throw startError(program!, failure, said.text);
    const started = new EmulatorProcess(child, said, ended, JSON.parse(line) as ServedAt);
    started.holdOpen(false);
    return started;
  }

  /** Why the process is gone, in its own words; undefined while it runs. */
  get lastWords(): string | undefined {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null) return undefined;
    return this.said.text.trim() || `it ended with ${signalCode ?? `code ${exitCode}`}`;
  }

  /** Ends it, and waits until it is gone. */
  async stop(): Promise<void> {
    this.holdOpen(true);
    this.child.stdin.end();
    await this.ended;
  }

  /** Whether this process stays alive for it: an emulator that nobody stops holds up no test run. */
  private holdOpen(held: boolean): void {
    const { stdin, stdout, stderr } = this.child;
    for (const each of [this.child, stdin, stdout, stderr] as unknown as Socket[]) {
      if (held) each.ref();
      else each.unref();
    }
  }
}

async function firstLine(
  child: ChildProcessWithoutNullStreams, ended: Promise<void>,
): Promise<string | undefined> {
  const lines = createInterface({ input: child.stdout });
  try {
    const line = new Promise<string>((resolve) => lines.once('line', resolve));
    return await Promise.race([line, ended.then(() => undefined)]);
  } finally {
    lines.close();
    child.stdout.resume();
  }
}

function commandOf(given: string | string[] | undefined): string[] {
  if (Array.isArray(given) && given.length > 0) return given;
  if (typeof given === 'string' && given !== '') return [given];
  const named = process.env['FORGE_EMU'];
  if (named) return [named];
  const names = process.platform === 'win32' ? ['forge-emu.exe', 'forge-emu.cmd'] : ['forge-emu'];
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      if (folder !== '' && existsSync(join(folder, name))) return [join(folder, name)];
    }
  }
  throw new EmulatorError(
    'forge-emu is not on the PATH',
    'Install it (pip install forge-emu), or name it: the option `command`, or FORGE_EMU=/path/to/forge-emu.',
  );
}

function startError(program: string, failure: Error | undefined, said: string): EmulatorError {
  if (failure !== undefined) {
    return new EmulatorError(
      `${program} cannot be started: ${failure.message}`,
      'Name it with the option `command`, or FORGE_EMU=/path/to/forge-emu.',
    );
  }
  // A warning is not why: it comes behind the error.
  const lines = said.trim().replace(/^error: /gm, '').split('\n');
  const isWarning = (line: string) => line.startsWith('warning: ');
  const words = [...lines.filter((line) => !isWarning(line)), ...lines.filter(isWarning)].join('\n');
  return new EmulatorError(`forge-emu did not start: ${words || 'it said nothing'}`);
}
