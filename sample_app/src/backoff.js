// How long to wait. All times in seconds.

const FIRST = 40;
const LONGEST = 900; // the platform lowers anything above

// A random whole number of seconds, so that events refused together do not return together.
export function between(low, high) {
  return Math.round(low + Math.random() * (high - low));
}

// 20 to 60 s, then 40 to 120 s, then 80 to 240 s, ... Each round doubles the time over which the
// retries spread, and so halves the load on whatever refused them.
export function exponentialBackoff(retriesSoFar) {
  const middle = FIRST * 2 ** retriesSoFar;
  return Math.min(between(middle / 2, middle * 1.5), LONGEST);
}
