/** Counts of events by state. */
export interface EventFigures {
  pushed: number;
  succeeded: number;
  dropped: number;
  expired: number;
  cancelled: number;
  pending: number;
  [figure: string]: unknown;
}

/** A finding about the app: docs/advice.md of forge-emu. */
export interface Advice {
  rule: string;
  message: string;
  detail: Record<string, any>;
  /** Where in the app: `src/index.js:12`. */
  places: string[];
}

/** What `forge-emu simulate --json` prints: docs/records.md of forge-emu, the summary. */
export interface WholeSummary {
  events: EventFigures;
  queues: Record<string, EventFigures>;
  product_events: Record<string, any>;
  retries: { total: number; [figure: string]: any };
  invocations: Record<string, number>;
  advice: Advice[];
  [part: string]: any;
}

/** What has happened up to now. */
export interface RunSummary {
  readonly events: EventFigures;
  readonly productEvents: Record<string, any>;
  readonly queues: Record<string, EventFigures>;
  readonly retries: { total: number; [figure: string]: any };
  /** Outcome, to how many invocations ended that way. */
  readonly invocations: Record<string, number>;
  /** `refusedBy` has the limit or rule, to how many calls it refused. */
  readonly kvs: { calls: number; refused: number; refusedBy: Record<string, number> };
  readonly push: { refused: number; refusedEvents: number; refusedBy: Record<string, number> };
  /** Findings about the app. */
  readonly advice: Advice[];
  readonly whole: WholeSummary;
}

interface Refused {
  refused: number;
  refused_by: Record<string, number>;
  calls: number;
  refused_events: number;
}

/** The summary as the control API answers it. */
export interface SummaryView {
  kvs: Refused;
  push: Refused;
  whole: WholeSummary;
}

export function summaryOf({ kvs, push, whole }: SummaryView): RunSummary {
  return {
    events: whole.events,
    productEvents: whole.product_events,
    queues: whole.queues,
    retries: whole.retries,
    invocations: whole.invocations,
    kvs: { calls: kvs.calls, refused: kvs.refused, refusedBy: kvs.refused_by },
    push: { refused: push.refused, refusedEvents: push.refused_events, refusedBy: push.refused_by },
    advice: whole.advice,
    whole,
  };
}
