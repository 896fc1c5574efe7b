// Follows a running emulator: a `Run` that grows, and what is known of the connection.

import { Run } from '../run.js';

const RETRY_MS = [200, 500, 1_000, 2_000];
const SILENCE_MS = 10_000;
// A browser has few connections to one host: a page that is out of sight gives its own up.
const HIDDEN_MS = 15_000;

// `onChange({run, connection})`: connection is `live`, `reconnecting` or `locked` (the cookie is of no use).
// A new connection begins a new run: it may be another one, or the same one from its beginning.
export async function followEmulator(about, onChange) {
  let run = null;
  for (let failures = 0; ; failures += 1) {
    const next = new Run(about);
    try {
      for await (const change of lines('/v1/page')) {
        failures = 0;
        run = next.apply(change);
        if (run.hasFigures) onChange({ run, connection: 'live' });
      }
    } catch (error) {
      if (error instanceof Locked) {
        onChange({ run, connection: 'locked' });
        return;
      }
    }
    onChange({ run, connection: 'reconnecting' });
    await inSight();
    await new Promise((done) => setTimeout(done, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]));
  }
}

class Locked extends Error {}

const isHidden = () => document.visibilityState === 'hidden';

// Once the page can be seen.
function inSight() {
  return new Promise((done) => {
    const look = () => {
      if (isHidden()) return;
      document.removeEventListener('visibilitychange', look);
      done();
    };
    document.addEventListener('visibilitychange', look);
    look();
  });
}

// Calls `leave` once the page has been out of sight for a while; answers what ends the watching.
function whenOutOfSight(leave) {
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (isHidden()) timer = setTimeout(leave, HIDDEN_MS);
  };
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}

async function* lines(path) {
  const aborter = new AbortController();
  const answer = await fetch(path, { cache: 'no-store', signal: aborter.signal });
  if (answer.status === 401) throw new Locked();
  if (!answer.ok) throw new Error(`${answer.status}`);
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  const parts = [];
  const stopWatching = whenOutOfSight(() => aborter.abort());
  // The emulator says something every second; a connection that has died says nothing.
  let timer = 0;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => aborter.abort(), SILENCE_MS);
  };
  try {
    for (;;) {
      listen();
      const { value, done } = await reader.read();
      if (done) return;
      const pieces = decoder.decode(value, { stream: true }).split('\n');
      for (const piece of pieces.slice(0, -1)) {
        parts.push(piece);
        yield JSON.parse(parts.join(''));
        parts.length = 0;
      }
      parts.push(pieces.at(-1));
    }
  } finally {
    clearTimeout(timer);
    stopWatching();
    aborter.abort();
  }
}
