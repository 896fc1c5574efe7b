import { request } from 'node:http';
import { EmulatorError } from './errors.js';
import type { EmulatorProcess } from './process.js';

type Query = Record<string, string | number | boolean | undefined>;

interface Refusal {
  error?: { message?: string; hint?: string | null };
}

/** The control API of one emulator: docs/control-api.md of forge-emu. */
export class Connection {
  constructor(private readonly process: EmulatorProcess) {}

  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.send<T>('GET', path, query);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.send<T>('POST', path, {}, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PUT', path, {}, body);
  }

  delete<T>(path: string, query: Query = {}): Promise<T> {
    return this.send<T>('DELETE', path, query);
  }

  /** As `get`; undefined where there is no such thing. */
  async find<T>(path: string, query: Query): Promise<T | undefined> {
    const { status, text } = await this.exchange('GET', path, query);
    return status === 404 ? undefined : read<T>(status, text);
  }

  private async send<T>(method: string, path: string, query: Query, body?: unknown): Promise<T> {
    const { status, text } = await this.exchange(method, path, query, body);
    return read<T>(status, text);
  }

  /** No time limit: moving time may take long on this machine. */
  private exchange(
    method: string, path: string, query: Query, body?: unknown,
  ): Promise<{ status: number; text: string }> {
    const { url, token } = this.process.served;
    const address = new URL(path, url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(this.lostError(error));
      const sent = request(
        address,
        {
          method,
          agent: false,
          headers: {
            authorization: `Bearer ${token}`,
            ...(content === undefined ? {} : { 'content-type': 'application/json' }),
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => { text += part; });
          answer.on('error', fail);
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        },
      );
      sent.on('error', fail);
      sent.end(content);
    });
  }

  private lostError(error: Error): EmulatorError {
    const words = this.process.lastWords;
    if (words !== undefined) return new EmulatorError(`the emulator is gone: ${words}`);
    return new EmulatorError(`the emulator does not answer: ${error.message}`);
  }
}

function read<T>(status: number, text: string): T {
  if (status >= 200 && status < 300) return JSON.parse(text) as T;
  let refusal: Refusal = {};
  try {
    refusal = JSON.parse(text) as Refusal;
  } catch {
    // No answer of the API: its text is the message.
  }
  throw new EmulatorError(refusal.error?.message ?? `status ${status}: ${text}`, refusal.error?.hint);
}
