import type { ErrorReport } from './errors.js';

export type EventState = 'pending' | 'succeeded' | 'dropped' | 'expired' | 'cancelled';

/** One run of a handler for an event. Instants are emulated milliseconds since the start. */
export interface Attempt {
  readonly number: number;
  readonly function: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** `success`, `retry_requested`, `error`, `timeout`, …; null while it runs. */
  readonly outcome: string | null;
  readonly error: ErrorReport | null;
}

interface AnyEvent {
  readonly id: string;
  readonly state: EventState;
  /** Why it was dropped. */
  readonly reason: string | null;
  /** The issue or page that it is about, if there is one. */
  readonly subject: string | null;
  readonly attempts: readonly Attempt[];
  /** What the handlers printed. */
  readonly logs: readonly string[];
  readonly endedAt: number | null;
  /** Its records as lines, unless it has succeeded without trouble: `emu.story(event)` has those. */
  readonly story: string | null;
}

/** An event of a queue. */
export interface QueuedEvent extends AnyEvent {
  readonly kind: 'event';
  readonly queue: string;
  readonly jobId: string;
  readonly pushedAt: number;
  /** The product event whose handler pushed it, perhaps by way of other events. */
  readonly productEventId: string | null;
}

/** A product event, with the attempts of all triggers that got it. */
export interface ProductEvent extends AnyEvent {
  readonly kind: 'product_event';
  readonly name: string;
  readonly sentAt: number;
}

/** The events of one queue. */
export interface QueueCounts {
  readonly name: string;
  readonly pushed: number;
  readonly pending: number;
  readonly succeeded: number;
  readonly dropped: number;
  readonly expired: number;
  readonly cancelled: number;
  readonly events: readonly QueuedEvent[];
}

/** What is in an event. Secrets are masked. */
export interface EventPayload {
  readonly id: string;
  readonly body: any;
  readonly invocations: readonly EventInvocation[];
  /** What is left out, in words; null for nothing. */
  readonly note: string | null;
}

/** What an attempt was given, returned, printed and requested. */
export interface EventInvocation {
  readonly attempt: number;
  readonly function: string;
  readonly outcome: string | null;
  readonly given: any;
  readonly returned: any;
  readonly logs: readonly any[];
  readonly requests: readonly any[];
  readonly error?: any;
}

/** An event as the control API answers it. */
export interface EventView {
  kind: 'event' | 'product_event';
  id: string;
  state: EventState;
  reason: string | null;
  subject: string | null;
  begun_at: number;
  ended_at: number | null;
  attempts: {
    number: number; function: string; started_at: number; ended_at: number | null;
    outcome: string | null; error: ErrorReport | null;
  }[];
  logs: string[];
  story: string | null;
  queue: string | null;
  job_id: string | null;
  product_event_id: string | null;
  name: string | null;
}

export function eventOf(view: EventView): QueuedEvent | ProductEvent {
  const shared = {
    id: view.id,
    state: view.state,
    reason: view.reason,
    subject: view.subject,
    attempts: view.attempts.map((each) => ({
      number: each.number,
      function: each.function,
      startedAt: each.started_at,
      endedAt: each.ended_at,
      outcome: each.outcome,
      error: each.error,
    })),
    logs: view.logs,
    endedAt: view.ended_at,
    story: view.story,
  };
  if (view.kind === 'product_event') {
    return { kind: view.kind, name: view.name ?? '', sentAt: view.begun_at, ...shared };
  }
  return {
    kind: view.kind,
    queue: view.queue ?? '',
    jobId: view.job_id ?? '',
    pushedAt: view.begun_at,
    productEventId: view.product_event_id,
    ...shared,
  };
}

/** Whether one of its attempts has failed, or asked for a retry. */
export function hadTrouble(event: QueuedEvent | ProductEvent): boolean {
  return event.attempts.some(({ outcome }) => outcome !== null && outcome !== 'success');
}

/** A line about an event, and its story below. */
export function told(event: QueuedEvent | ProductEvent): string {
  const what = event.kind === 'event' ? `event ${event.id.slice(0, 8)} of ${event.queue}` : event.name;
  const reason = event.reason ? ` (${event.reason})` : '';
  const attempts = `after ${event.attempts.length} attempt${event.attempts.length === 1 ? '' : 's'}`;
  const story = (event.story ?? '').split('\n').map((line) => `  ${line}`).join('\n');
  return `${what}, ${event.subject ?? 'about nothing'}: ${event.state}${reason} ${attempts}\n${story}`;
}
