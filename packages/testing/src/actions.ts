import type { Connection } from './connection.js';
import { milliseconds, type Span } from './durations.js';
import { CallError, PushError, type ErrorReport, type PushRefusal } from './errors.js';
import type { ProductEvent, QueuedEvent } from './events.js';
import { checkOptions } from './known_options.js';
import { responseOf, type WebOptions, type WebResponse, type WebView } from './web.js';

export type AnyEvent = QueuedEvent | ProductEvent;

export interface TriggerOptions {
  /** How many events: 1 without it. */
  count?: number;
  /** Merged over the payload. */
  data?: unknown;
  /** Values by their path in the payload: `{ 'issue.fields.summary': 'No. {n}' }`. */
  sets?: Record<string, unknown>;
  /** The thing that all of them are about. */
  key?: string;
  /** Events in a second of emulated time. */
  rate?: number;
  /** The span that they are spread over. */
  spread?: Span;
  /** The status that a transition leaves. */
  from?: string;
  /** The status that a transition leads to. */
  to?: string;
}

/** What was sent: the subjects of the first and of the last event. */
export interface TriggerReceipt {
  batch: string;
  event: string;
  count: number;
  first: string;
  last: string;
}

export interface PushOptions {
  count?: number;
  delay?: Span;
  concurrency?: { key: string; limit: number };
}

/** A scheduled trigger: when it runs next, and how its last run has ended. Instants are emulated. */
export interface Schedule {
  readonly key: string;
  readonly interval: string;
  readonly function: string;
  /** Null: it runs no more. */
  readonly nextDue: number | null;
  readonly paused: boolean;
  readonly lastEnded: number | null;
  /** `succeeded`, or why its last run has failed; null where none has ended. */
  readonly lastOutcome: string | null;
}

/** How the call of a `preUninstall` module has ended: `reason` says why it has failed. */
export interface PreUninstallAnswer {
  readonly moduleKey: string;
  readonly reason: string | null;
  readonly error: ErrorReport | null;
}

interface ScheduleView {
  key: string; interval: string; function: string; next_due: number | null; paused: boolean;
  last_ended: number | null; last_outcome: string | null;
}

/** The id of an event that is given by itself or by a name. */
export function idOf(event: AnyEvent | string): string {
  return typeof event === 'string' ? event : event.id;
}

/** What a test does to an app: the verbs of the commands. All may throw EmulatorError. */
export abstract class Actions {
  protected abstract found: Map<string, AnyEvent>;

  protected constructor(protected readonly connection: Connection) {}

  protected abstract refresh(): Promise<void>;

  // --- product events, schedules, web triggers

  /** Sends product events, as `forge-emu trigger`. They happen while time moves on. */
  async trigger(event: string, options: TriggerOptions = {}): Promise<TriggerReceipt> {
    checkOptions(options, ['count', 'data', 'sets', 'key', 'rate', 'spread', 'from', 'to']);
    const { count = 1, data, sets = {}, key, rate, spread, from, to } = options;
    const receipt = await this.connection.post<TriggerReceipt>('/v1/trigger', {
      event,
      count,
      data: data ?? null,
      key: key ?? null,
      from_status: from ?? null,
      to_status: to ?? null,
      rate_per_second: rate ?? null,
      spread_ms: spread === undefined ? null : milliseconds(spread),
      sets: Object.entries(sets).map(([path, value]) => [
        path, typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    });
    await this.refresh();
    return receipt;
  }

  /**
   * One more run of a scheduled trigger, as `forge-emu trigger schedule`. It happens while time moves
   * on; `schedules()` says how it has ended.
   */
  async triggerSchedule(key: string): Promise<void> {
    await this.connection.post('/v1/schedules', { key });
    await this.refresh();
  }

  /**
   * Calls a web trigger, as `forge-emu trigger web`, and returns the answer of its caller. Time moves
   * on until then. A body that is no text is sent as JSON.
   */
  async triggerWeb(key: string, body: unknown = null, options: WebOptions = {}): Promise<WebResponse> {
    checkOptions(options, ['method', 'headers', 'path', 'query', 'secret']);
    const { method, headers = {}, path = '', query = '', secret } = options;
    const answer = await this.connection.post<WebView>('/v1/test/web', {
      key,
      body,
      method: method ?? null,
      headers,
      path,
      query: String(typeof query === 'string' ? query : new URLSearchParams(query)),
      secret: secret ?? null,
    });
    await this.refresh();
    return responseOf(answer);
  }

  /**
   * Calls what runs before an uninstallation, as `forge-emu trigger pre-uninstall`: one module or all.
   * Time moves on until then.
   */
  async triggerPreUninstall(key?: string): Promise<PreUninstallAnswer[]> {
    const answers = await this.connection.post<
      { module_key: string; reason: string | null; error: ErrorReport | null }[]
    >('/v1/test/pre-uninstall', { key: key ?? null });
    await this.refresh();
    return answers.map(({ module_key, reason, error }) => ({ moduleKey: module_key, reason, error }));
  }

  /** The scheduled triggers: when each runs next, and how its last run has ended. */
  async schedules(): Promise<Schedule[]> {
    const views = await this.connection.get<ScheduleView[]>('/v1/schedules');
    return views.map((view) => ({
      key: view.key,
      interval: view.interval,
      function: view.function,
      nextDue: view.next_due,
      paused: view.paused,
      lastEnded: view.last_ended,
      lastOutcome: view.last_outcome,
    }));
  }

  /** Skips the runs of a scheduled trigger, or of all, as `forge-emu schedule pause`. */
  async pauseSchedule(key?: string): Promise<void> {
    await this.connection.post('/v1/schedules/pause', { action: 'pause', key: key ?? null });
    await this.refresh();
  }

  /** Runs it again, as `forge-emu schedule resume`. */
  async resumeSchedule(key?: string): Promise<void> {
    await this.connection.post('/v1/schedules/pause', { action: 'resume', key: key ?? null });
    await this.refresh();
  }

  // --- functions and queues

  /** Pushes events to a queue, as `forge-emu queue push`. Throws PushError where it refuses. */
  async push(
    queue: string, body: Record<string, unknown>, options: PushOptions = {},
  ): Promise<QueuedEvent[]> {
    checkOptions(options, ['count', 'delay', 'concurrency']);
    const { count = 1, delay, concurrency } = options;
    const receipt = await this.connection.post<{
      jobs: { event_ids: string[] }[]; refused: PushRefusal | null;
    }>('/v1/queue/push', {
      queue,
      body,
      count,
      delay_in_seconds: delay === undefined ? null : milliseconds(delay) / 1000 || null,
      concurrency: concurrency ?? null,
    });
    if (receipt.refused) throw new PushError(queue, receipt.refused);
    await this.refresh();
    const ids = receipt.jobs.flatMap((job) => job.event_ids);
    return ids.map((id) => this.found.get(id) as QueuedEvent);
  }

  /**
   * Calls a function, or a resolver as `FUNCTION.KEY`, and returns what it returns.
   * Time moves on until then. Throws CallError where it throws or is ended.
   */
  async invoke<T = any>(
    target: string, payload: unknown = null, options: { context?: Record<string, unknown> } = {},
  ): Promise<T> {
    checkOptions(options, ['context']);
    const answer = await this.connection.post<{
      result: T; reason: string | null; error: ErrorReport | null;
    }>('/v1/test/invoke', { target, payload, context: options.context ?? {} });
    await this.refresh();
    if (answer.reason !== null) throw new CallError(target, answer.reason, answer.error);
    return answer.result;
  }

  /**
   * Sends an event that has ended again, as `forge-emu queue replay`, and returns the new one.
   * It is named by itself, its id, or what it is about; without a name it is all that were dropped or
   * have expired. With a `body`, the new one has that.
   */
  async replay(event?: AnyEvent | string, options: { body?: unknown } = {}): Promise<AnyEvent[]> {
    checkOptions(options, ['body']);
    return this.change('replay', event, options);
  }

  /**
   * Cancels events of queues that wait, as `forge-emu queue cancel`: by event, id, id of the job, or
   * what they are about.
   */
  async cancel(event: AnyEvent | string): Promise<AnyEvent[]> {
    return this.change('cancel', event);
  }

  /**
   * Skips the wait of an event, or of all, as `forge-emu queue run-now`. It is delivered when time
   * moves on.
   */
  async runNow(event?: AnyEvent | string): Promise<AnyEvent[]> {
    return this.change('run_now', event);
  }

  /** Delivers nothing of a queue, or nothing at all, as `forge-emu queue pause`. */
  async pause(queue?: string): Promise<void> {
    await this.connection.post('/v1/queue', { action: 'pause', queue: queue ?? null });
    await this.refresh();
  }

  /** Delivers again, as `forge-emu queue resume`. */
  async resume(queue?: string): Promise<void> {
    await this.connection.post('/v1/queue', { action: 'resume', queue: queue ?? null });
    await this.refresh();
  }

  private async change(
    action: string, event: AnyEvent | string | undefined, more: { body?: unknown } = {},
  ): Promise<AnyEvent[]> {
    const { ids } = await this.connection.post<{ ids: string[] }>('/v1/queue', {
      action,
      target: event === undefined ? null : idOf(event),
      every: event === undefined,
      ...more,
    });
    await this.refresh();
    // The delivery of a product event has the trigger's key too.
    const events = ids.map((id) => this.found.get(id) ?? this.found.get(id.split('/')[0]!));
    return [...new Set(events)].filter((each): each is AnyEvent => each !== undefined);
  }
}
