/** What forge-emu refuses, in its words, with what to do. */
export class EmulatorError extends Error {
  /** What to do about it, where forge-emu knows. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string | null) {
    super(hint ? `${message}\n  hint: ${hint}` : message);
    this.name = 'EmulatorError';
    this.hint = hint ?? undefined;
  }
}

/** A function that was invoked threw, or was ended. */
export class CallError extends Error {
  /** Why: `error`, `timeout`, `out_of_memory`, … */
  readonly reason: string;
  /** What it threw, where it did. */
  readonly thrown: ErrorReport | undefined;

  constructor(target: string, reason: string, thrown?: ErrorReport | null) {
    super(`${target} failed: ${reason}${thrown ? `, ${thrown.name}: ${thrown.message}` : ''}`);
    this.name = 'CallError';
    this.reason = reason;
    this.thrown = thrown ?? undefined;
  }
}

/** A queue refused events. */
export class PushError extends Error {
  /** How many events, the error that an app would see, and the limit or rule. */
  readonly refusal: PushRefusal;

  constructor(queue: string, refusal: PushRefusal) {
    const { events, limit, error, message } = refusal;
    const counted = `${events} event${events === 1 ? '' : 's'}`;
    super(`${queue} refused ${counted} by ${limit}: ${error}: ${message}`);
    this.name = 'PushError';
    this.refusal = refusal;
  }
}

export interface ErrorReport {
  name: string;
  message: string;
  stack?: string | null;
}

export interface PushRefusal {
  events: number;
  error: string;
  status: number;
  limit: string;
  message: string;
}
