// Instants as text: positions in emulated time, counted from the beginning of the run.

const twoDigits = (n) => String(Math.floor(n)).padStart(2, '0');

// 1:23, or 1:02:03 from an hour on, as forge_emu/offsets.py labels an axis; with tenths, 1:23.4, where
// the seconds are not whole.
export function axisLabel(seconds) {
  const s = Math.max(0, seconds);
  const part = s % 1 > 0.0005 && s % 1 < 0.9995 ? `.${Math.round((s % 1) * 10)}`.replace('.10', '.9') : '';
  if (s < 3600) return `${Math.floor(s / 60)}:${twoDigits(s % 60)}${part}`;
  return `${Math.floor(s / 3600)}:${twoDigits((s / 60) % 60)}:${twoDigits(s % 60)}`;
}

// +1:23.4
export const offsetText = (ms) => `+${axisLabel(Math.round(ms / 100) / 10)}`;
