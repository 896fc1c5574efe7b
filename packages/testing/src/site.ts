import type { Connection } from './connection.js';
import { EmulatorError } from './errors.js';

/** What a product answers. */
export interface SiteAnswer<T = any> {
  readonly status: number;
  readonly body: T;
}

interface Receipt {
  counts: Record<string, number>;
  added: number;
}

interface IssuePage {
  issues: any[];
  isLast: boolean;
  nextPageToken?: string;
  errorMessages?: string[];
}

/** Jira and Confluence of the emulator. */
export class Site {
  constructor(private readonly connection: Connection) {}

  /** How many things there are, by kind. */
  async counts(): Promise<Record<string, number>> {
    return (await this.connection.get<Receipt>('/v1/site')).counts;
  }

  /** Makes up issues and pages, as `forge-emu site seed`; returns how many things are new. */
  async seed(wanted: { issues?: number; pages?: number; seed?: number }): Promise<number> {
    return (await this.connection.post<Receipt>('/v1/site', { seed: wanted })).added;
  }

  /**
   * Adds what a file for the site holds: `{ issues: [{ key: 'EMU-1', summary: 'A' }] }`. Returns how
   * many things are new.
   */
  async add(content: Record<string, unknown>): Promise<number> {
    return (await this.connection.post<Receipt>('/v1/site', { content })).added;
  }

  /** Takes everything from the site. */
  async clear(): Promise<void> {
    await this.connection.post('/v1/site', { clear: true });
  }

  /** What a product answers to a GET: `/rest/api/3/issue/EMU-1`. */
  async get<T = any>(path: string, product: 'jira' | 'confluence' = 'jira'): Promise<SiteAnswer<T>> {
    return this.connection.get<SiteAnswer<T>>('/v1/site/answer', { product, path });
  }

  /** The issue as Jira's REST API has it. Throws EmulatorError where there is none. */
  async issue(key: string): Promise<any> {
    const { status, body } = await this.get(`/rest/api/3/issue/${encodeURIComponent(key)}`);
    if (status === 200) return body;
    throw new EmulatorError(`there is no issue '${key}' on the site`, 'See `emu.site.issues()`.');
  }

  /** The issues that a query finds. Throws EmulatorError where it is wrong. */
  async issues(jql = 'created > 0 ORDER BY key'): Promise<any[]> {
    const found: any[] = [];
    const query = new URLSearchParams({ jql, fields: '*all', maxResults: '500' });
    for (;;) {
      const { status, body } = await this.get<IssuePage>(`/rest/api/3/search/jql?${query}`);
      if (status !== 200) {
        const why = body.errorMessages?.join(' ') ?? `Jira answers ${status}`;
        throw new EmulatorError(`site.issues: ${why}`, 'docs/site.md has the parts of JQL.');
      }
      found.push(...body.issues);
      if (body.isLast) return found;
      query.set('nextPageToken', body.nextPageToken ?? '');
    }
  }
}
