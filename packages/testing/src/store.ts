import type { Connection } from './connection.js';
import { milliseconds, type Span } from './durations.js';
import { checkOptions } from './known_options.js';

interface Entry {
  key: string;
  value: unknown;
}

interface Page {
  entries: Entry[];
  after: string | null;
}

/** The key-value store: it changes by its rules for keys and values, past its rates. */
export class Store {
  constructor(
    private readonly connection: Connection,
    private readonly place: { secret?: boolean; entity?: string } = {},
  ) {}

  /** The secret values. */
  get secrets(): Store {
    return new Store(this.connection, { secret: true });
  }

  /** The values of a custom entity. */
  entity(name: string): Store {
    return new Store(this.connection, { entity: name });
  }

  /** A value; undefined where there is none. */
  async get<T = any>(key: string): Promise<T | undefined> {
    const query = { key, ...this.query };
    return (await this.connection.find<Entry>('/v1/kvs/value', query))?.value as T | undefined;
  }

  /** Writes a value that lives as long as `ttl`: a span such as `15m`, or seconds. */
  async set(key: string, value: unknown, options: { ttl?: Span } = {}): Promise<void> {
    checkOptions(options, ['ttl']);
    const ttl = options.ttl === undefined ? {} : { ttl_seconds: milliseconds(options.ttl) / 1000 };
    await this.connection.put('/v1/kvs', [{ key, value, ...this.place, ...ttl }]);
  }

  /** Deletes a value; answers whether there was one. */
  async delete(key: string): Promise<boolean> {
    if ((await this.get(key)) === undefined) return false;
    await this.connection.delete('/v1/kvs/value', { key, ...this.query });
    return true;
  }

  /** All keys that begin with `prefix`, in their order. */
  async keys(prefix = ''): Promise<string[]> {
    return (await this.entries(prefix)).map(([key]) => key);
  }

  /** Pairs of keys and values, as of `Object.entries`. */
  async entries<T = any>(prefix = ''): Promise<[string, T][]> {
    const found: [string, T][] = [];
    let after: string | null = '';
    while (after !== null) {
      const page: Page = await this.connection.get('/v1/kvs', { prefix, after, ...this.query });
      for (const { key, value } of page.entries) found.push([key, value as T]);
      after = page.after;
    }
    return found;
  }

  private get query(): Record<string, string | undefined> {
    const { secret, entity } = this.place;
    return { ...(secret ? { secret: '1', show_secrets: '1' } : {}), entity };
  }
}
