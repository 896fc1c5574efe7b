import { AssertionError } from 'node:assert';
import { Actions, idOf, type AnyEvent } from './actions.js';
import { Connection } from './connection.js';
import { milliseconds, type Span } from './durations.js';
import { EmulatorError } from './errors.js';
import { eventOf, hadTrouble, told, type EventPayload, type EventView, type ProductEvent, type QueueCounts, type QueuedEvent } from './events.js';
import type { EmulatorOptions } from './options.js';
import { EmulatorProcess } from './process.js';
import { Site } from './site.js';
import { Store } from './store.js';
import { summaryOf, type Advice, type RunSummary, type SummaryView } from './summary.js';

const MOST_STORIES = 5;
const MOST_FINDINGS = 3;

/** A snapshot of an emulator, for `restore`. */
export interface Snapshot {
  readonly number: number;
}

interface Changes {
  seq: number;
  now: number;
  events: EventView[];
  logs: string[];
}

/** Emulated time. */
export class Clock {
  /** @internal */
  constructor(
    private readonly move: (span: Span) => Promise<void>,
    private readonly moveToNext: () => Promise<void>,
    private readonly read: () => number,
  ) {}

  /** Emulated milliseconds since the start. */
  get now(): number {
    return this.read();
  }

  /** Moves time on by `15m`, or by seconds, and does all that is due until then. */
  advance(span: Span): Promise<void> {
    return this.move(span);
  }

  /** Moves time on to the next instant at which something is due, and does that. */
  next(): Promise<void> {
    return this.moveToNext();
  }
}

/**
 * Runs the app of a directory in an emulator of its own, whose time stands until it is moved.
 *
 * What has come of it (`events`, `dropped`, `logs`, …) is as of the last method that was awaited.
 */
export class Emulator extends Actions {
  /** The key-value store. */
  readonly kvs: Store;
  /** The site behind the product calls of the app. */
  readonly site: Site;
  readonly clock: Clock;
  protected found = new Map<string, AnyEvent>();
  private lines: string[] = [];
  private seq = 0;
  private time = 0;

  private constructor(private readonly process: EmulatorProcess) {
    super(new Connection(process));
    this.kvs = new Store(this.connection);
    this.site = new Site(this.connection);
    this.clock = new Clock((span) => this.advance(span), () => this.next(), () => this.time);
  }

  /** Starts forge-emu with the app, and waits until it is loaded. Throws EmulatorError. */
  static async start(app: string, options: EmulatorOptions = {}): Promise<Emulator> {
    const emulator = new Emulator(await EmulatorProcess.start(app, options));
    await emulator.refresh();
    return emulator;
  }

  /** Ends the emulator and all that it has started. */
  async stop(): Promise<void> {
    await this.process.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The address of its control API. */
  get url(): string {
    return this.process.served.url;
  }

  /** Moves time on until nothing is planned, waiting or running; returns the summary. */
  async untilIdle(): Promise<RunSummary> {
    await this.connection.post('/v1/test/until-idle');
    await this.refresh();
    return this.summary();
  }

  // --- what came of it

  /** The events of all queues, in the order of their pushes. */
  get events(): QueuedEvent[] {
    return [...this.found.values()].filter((event) => event.kind === 'event');
  }

  /** The product events, in the order in which they were sent. */
  get productEvents(): ProductEvent[] {
    return [...this.found.values()].filter((event) => event.kind === 'product_event');
  }

  /** The events and product events that were given up: work that was lost. */
  get dropped(): AnyEvent[] {
    return [...this.found.values()].filter((event) => event.state === 'dropped');
  }

  /** Every line that the app printed. */
  get logs(): string[] {
    return [...this.lines];
  }

  /** An event or a product event by its id. Throws EmulatorError where there is none. */
  async event(id: string): Promise<QueuedEvent | ProductEvent> {
    await this.refresh();
    const found = this.found.get(id);
    if (!found) throw new EmulatorError(`there is no event '${id}'`, 'See `events` and `productEvents`.');
    return found;
  }

  /** A queue of the app, with its events. Throws EmulatorError where no consumer has it. */
  async queue(name: string): Promise<QueueCounts> {
    await this.connection.get('/v1/queue', { queue: name, limit: 1 });
    await this.refresh();
    const events = this.events.filter((event) => event.queue === name);
    const count = (state: string) => events.filter((event) => event.state === state).length;
    return {
      name,
      pushed: events.length,
      pending: count('pending'),
      succeeded: count('succeeded'),
      dropped: count('dropped'),
      expired: count('expired'),
      cancelled: count('cancelled'),
      events,
    };
  }

  /** What has happened up to now. */
  async summary(): Promise<RunSummary> {
    return summaryOf(await this.connection.get<SummaryView>('/v1/test/summary'));
  }

  /**
   * A figure by its name in conditions, such as `p95` (in milliseconds) or
   * `refused.limits.kvs.write_units_per_minute`; null where the run has none.
   */
  async figure(name: string): Promise<number | null> {
    return (await this.connection.get<{ value: number | null }>('/v1/test/figure', { name })).value;
  }

  /** Findings about the app, as in the summary of a run. */
  async advice(): Promise<Advice[]> {
    return (await this.summary()).advice;
  }

  /**
   * What is in an event, as `forge-emu queue show --payload` has it: its `body`, and of each of its
   * `invocations` what was given, returned, printed and requested. Secrets are masked.
   */
  async payload(event: AnyEvent | string): Promise<EventPayload> {
    return this.connection.get<EventPayload>('/v1/payload', { event: idOf(event) });
  }

  /** The records of an event as lines, as the console shows them. */
  async story(event: AnyEvent | string): Promise<string> {
    return (await this.connection.get<{ story: string }>('/v1/test/story', { event: idOf(event) })).story;
  }

  /**
   * The stories of the events that have not succeeded, the first five of them, as of the last method
   * that was awaited: to print under a test that has failed.
   */
  stories(): string {
    return this.toldOf(this.unsuccessful, 'not succeeded');
  }

  /**
   * What stands below a test that has failed: what there was, the first findings about the app, and the
   * stories of the events that have not succeeded, then of those that have had trouble.
   *
   * @internal
   */
  async failureText(): Promise<string> {
    await this.refresh();
    const lost = this.unsuccessful;
    const struggled = [...this.found.values()].filter((event) => !lost.includes(event) && hadTrouble(event));
    const products = counted(this.productEvents.length, 'product event', 'product events');
    const events = counted(this.events.length, 'event of queues', 'events of queues');
    const head = `forge-emu at ${this.time} ms: ${products}, ${events}, `
      + `${lost.length} of all not succeeded, ${struggled.length} only after trouble`;
    return [head, ...await this.findings(), ...storiesOf([...lost, ...struggled])].join('\n');
  }

  /** The first findings about the app, as lines. */
  private async findings(): Promise<string[]> {
    const advice = (await this.advice()).slice(0, MOST_FINDINGS);
    return advice.map(({ message, places }) => {
      const where = places.length > 0 ? ` (${places.slice(0, 3).join(', ')})` : '';
      return `! ${message}${where}`;
    });
  }

  /** Throws an AssertionError with the stories of the events that were given up, if there are any. */
  async assertNothingDropped(): Promise<void> {
    await this.refresh();
    await this.assertNone(this.dropped, 'dropped');
  }

  /** The same for all events that have not succeeded: pending, dropped, expired, cancelled. */
  async assertAllSucceeded(): Promise<void> {
    await this.refresh();
    await this.assertNone(this.unsuccessful, 'not succeeded');
  }

  // --- snapshots

  /** All that there is now, in memory: `restore` goes back to it. Handlers begin anew. */
  async snapshot(): Promise<Snapshot> {
    const { snapshot } = await this.connection.post<{ snapshot: number }>('/v1/test/snapshots');
    return { number: snapshot };
  }

  /** Goes back to a snapshot of this emulator, as often as you like. */
  async restore(snapshot: Snapshot): Promise<void> {
    await this.connection.post(`/v1/test/snapshots/${snapshot.number}`);
    this.found = new Map();
    this.lines = [];
    this.seq = 0;
    await this.refresh();
  }

  // --- within

  private async advance(span: Span): Promise<void> {
    await this.connection.post('/v1/test/advance', { span_ms: milliseconds(span) });
    await this.refresh();
  }

  private async next(): Promise<void> {
    await this.connection.post('/v1/test/next');
    await this.refresh();
  }

  protected async refresh(): Promise<void> {
    const changes = await this.connection.get<Changes>('/v1/test/events', {
      since: this.seq, logs_before: this.lines.length,
    });
    for (const view of changes.events) this.found.set(view.id, eventOf(view));
    this.lines.push(...changes.logs);
    this.seq = changes.seq;
    this.time = changes.now;
  }

  private get unsuccessful(): AnyEvent[] {
    return [...this.found.values()].filter((event) => event.state !== 'succeeded');
  }

  private toldOf(events: AnyEvent[], what: string): string {
    const head = `${events.length} of ${this.found.size} events ${what}, at ${this.time} ms:`;
    return [head, ...storiesOf(events)].join('\n');
  }

  private async assertNone(events: AnyEvent[], what: string): Promise<void> {
    if (events.length === 0) return;
    const [head, ...stories] = this.toldOf(events, what).split('\n');
    const message = [head, ...await this.findings(), ...stories].join('\n');
    throw new AssertionError({ message, actual: events.length, expected: 0, operator: what });
  }
}

/** The first of them, and how many more there are. */
function storiesOf(events: AnyEvent[]): string[] {
  const more = events.length > MOST_STORIES ? [`… ${events.length - MOST_STORIES} more`] : [];
  return [...events.slice(0, MOST_STORIES).map(told), ...more];
}

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
