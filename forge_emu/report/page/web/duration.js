// Durations as text, as forge_emu/durations.py writes them.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAYS_FROM = 48 * 60;

// 250 ms, 2.5 s, 40 s, 12 min, 3:05 min, 1 h 05 min, 2 d 03 h
export function durationText(duration) {
  const ms = Math.max(0, Math.round(duration));
  if (ms < SECOND) return `${ms} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 100) return `${tenths / 10} s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}${seconds % 60 ? `:${twoDigits(seconds % 60)}` : ''} min`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes < DAYS_FROM) return twoParts(minutes, 60, 'h', 'min');
  return twoParts(Math.round(ms / HOUR), 24, 'd', 'h');
}

const twoDigits = (n) => String(n).padStart(2, '0');

const twoParts = (n, size, unit, smallerUnit) =>
  `${Math.floor(n / size).toLocaleString('en-US')} ${unit} ${twoDigits(n % size)} ${smallerUnit}`;

const UNITS = { ms: 1, s: SECOND, m: MINUTE, min: MINUTE, h: HOUR, d: 24 * HOUR };

// Milliseconds of 90s, 15m, 1.5h; throws an error that says what to write.
export function spanOf(text) {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)\s*$/.exec(text);
  if (!found) throw new Error(`${JSON.stringify(text)} is no span of time: write 90s, 15m or 24h`);
  return Math.round(Number(found[1]) * UNITS[found[2]]);
}
