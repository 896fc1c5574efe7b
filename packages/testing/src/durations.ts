import { EmulatorError } from './errors.js';

/** A span of emulated time: seconds, or a text such as `500ms`, `10s`, `15m`, `1.5h`, `7d`. */
export type Span = number | string;

const MILLISECONDS: Record<string, number> = {
  ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000,
};

/** A span in milliseconds. Throws EmulatorError for what is none. */
export function milliseconds(span: Span): number {
  if (typeof span === 'number' && Number.isFinite(span) && span >= 0) return Math.round(span * 1000);
  const match = /^\s*(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|min|m|h|d)\s*$/.exec(String(span));
  if (typeof span === 'number' || match === null) {
    throw new EmulatorError(`${JSON.stringify(span)} is no span of time`, "Write '15m', '1.5h', or seconds.");
  }
  return Math.round(Number(match[1]) * MILLISECONDS[match[2]!]!);
}
