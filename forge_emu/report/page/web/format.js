// Numbers with their units, as the terminal says them.

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export const number = (n) => (Math.abs(n) < 100 ? tenth : whole).format(n);

export const count = (n, one, many = `${one}s`) => `${whole.format(n)} ${n === 1 ? one : many}`;

export const percent = (part, all) => (all ? `${whole.format((part / all) * 100)} %` : '');

// 250 ms, 2.5 s, 40 s, 3 min 20 s, 1 h 05 min
export function span(ms) {
  if (ms < 1_000) return `${whole.format(ms)} ms`;
  if (ms < 10_000) return `${tenth.format(ms / 1_000)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const rest = String(minutes % 60).padStart(2, '0');
  return `${whole.format(Math.floor(minutes / 60))} h ${rest} min`;
}

const two = (n) => String(Math.floor(n)).padStart(2, '0');

// Emulated time since the run began: 1:23, or 1:02:03 from an hour on.
export function mark(seconds) {
  const s = Math.max(0, seconds);
  const part = s % 1 > 0.0005 && s % 1 < 0.9995 ? `.${Math.round((s % 1) * 10)}`.replace('.10', '.9') : '';
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}${part}`;
  return `${Math.floor(s / 3600)}:${two((s / 60) % 60)}:${two(s % 60)}`;
}

export const instant = (ms) => `+${mark(Math.round(ms / 100) / 10)}`;

// The first eight characters of a uuid; other ids as they are.
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

export const outcomeWords = (outcome) => OUTCOMES[outcome] ?? outcome;

// retry_requested, max_retries: as words.
export const words = (name) => name.replaceAll('_', ' ');
