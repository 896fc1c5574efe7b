// Formats numbers with their units, as the terminal does.

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export const number = (n) => (Math.abs(n) < 100 ? oneDecimal : integer).format(n);

export const count = (n, one, many = `${one}s`) => `${integer.format(n)} ${n === 1 ? one : many}`;

export const percent = (part, total) => (total ? `${integer.format((part / total) * 100)} %` : '');

// 250 ms, 2.5 s, 40 s, 3 min 20 s, 1 h 05 min
export function duration(ms) {
  if (ms < 1_000) return `${integer.format(ms)} ms`;
  if (ms < 10_000) return `${oneDecimal.format(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const rest = String(minutes % 60).padStart(2, '0');
  return `${integer.format(Math.floor(minutes / 60))} h ${rest} min`;
}

const twoDigits = (n) => String(Math.floor(n)).padStart(2, '0');

// Emulated time since the start of the run: 1:23, or 1:02:03 from an hour on.
export function clockTime(seconds) {
  const s = Math.max(0, seconds);
  const part = s % 1 > 0.0005 && s % 1 < 0.9995 ? `.${Math.round((s % 1) * 10)}`.replace('.10', '.9') : '';
  if (s < 3600) return `${Math.floor(s / 60)}:${twoDigits(s % 60)}${part}`;
  return `${Math.floor(s / 3600)}:${twoDigits((s / 60) % 60)}:${twoDigits(s % 60)}`;
}

export const instant = (ms) => `+${clockTime(Math.round(ms / 100) / 10)}`;

// The first eight characters of a UUID; other ids unchanged.
export const shortId = (id) => (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id) ? id.slice(0, 8) : id);

const OUTCOMES = {
  success: 'succeeded',
  retry_requested: 'asked for a retry',
  error: 'threw an error',
  timeout: 'timed out',
  out_of_memory: 'ran out of memory',
  platform_error: 'platform error',
  deferred: 'put off by a limit',
  running: 'still running',
};

export const outcomeLabel = (outcome) => OUTCOMES[outcome] ?? outcome;

// retry_requested -> retry requested
export const toWords = (name) => name.replaceAll('_', ' ');
