// The run's data: columns of numbers as embedded in the page, and queries on them.

export const [PENDING, SUCCEEDED, DROPPED, CANCELLED, EXPIRED] = [0, 1, 2, 3, 4];

// Events that nobody handled and nobody cancelled.
export const isLost = (state) => state === DROPPED || state === EXPIRED;
export const [PRODUCT, QUEUED] = [0, 1];

const cumulativeSums = (differences) => {
  const values = new Float64Array(differences.length);
  let value = 0;
  for (let i = 0; i < differences.length; i += 1) values[i] = value += differences[i];
  return values;
};

export function readRun(run) {
  const { events, attempts } = run;
  events.at = cumulativeSums(events.at);
  attempts.at = cumulativeSums(attempts.at);
  attempts.event = cumulativeSums(attempts.event);
  run.count = run.ids.length;
  run.text = (i) => (i < 0 ? '' : run.words[i]);
  run.first = run.summary.started_at;
  run.last = Math.max(run.summary.ended_at, run.first + 1000);
  indexAttempts(run);
  return run;
}

// Groups attempts by event: those of event e are order[start[e]] up to order[start[e + 1]].
function indexAttempts(run) {
  const { event } = run.attempts;
  const start = new Uint32Array(run.count + 1);
  for (const e of event) start[e + 1] += 1;
  for (let e = 0; e < run.count; e += 1) start[e + 1] += start[e];
  const next = start.slice();
  const order = new Uint32Array(event.length);
  for (let i = 0; i < event.length; i += 1) order[next[event[i]]++] = i;
  const running = new Map();
  for (const [row, fn, attempt, at] of run.running) {
    if (!running.has(row)) running.set(row, []);
    running.get(row).push({ fn: run.text(fn), number: attempt, at, took: run.now - at, outcome: 'running', refused: '', error: '', due: -1 });
  }
  const { attempts: a } = run;
  run.attemptsOf = (row) => {
    const found = [];
    for (let i = start[row]; i < start[row + 1]; i += 1) {
      const k = order[i];
      found.push({
        fn: run.text(a.function[k]), number: a.number[k], at: a.at[k], took: a.took[k],
        outcome: run.text(a.outcome[k]), refused: run.text(a.refused[k]),
        error: run.text(a.error[k]), due: a.due[k],
      });
    }
    found.push(...(running.get(row) ?? []));
    return found.sort((x, y) => x.at - y.at);
  };
  run.hasAttemptDetails = (row) => start[row + 1] > start[row] || running.has(row);
}

export const eventName = (run, row) => run.text(run.events.subject[row]);
export const eventState = (run, row) => run.states[run.events.state[row]];
export const eventEnd = (run, row) =>
  run.events.age[row] < 0 ? run.now : run.events.at[row] + run.events.age[row];

// Events that did not succeed at the first attempt, sorted: dropped and expired, unfinished, most attempts.
export function struggledEvents(run) {
  const { state, attempts, age } = run.events;
  const rank = [1, 2, 0, 3, 0];
  const rows = [];
  for (let row = 0; row < run.count; row += 1) {
    if (isLost(state[row]) || run.hasAttemptDetails(row)) rows.push(row);
  }
  return rows.sort(
    (x, y) => rank[state[x]] - rank[state[y]] || attempts[y] - attempts[x] || age[y] - age[x] || x - y,
  );
}

// Rows whose id, subject, place, state, reason, limit or error contains the text.
export function searchEvents(run, text) {
  const query = text.trim().toLowerCase();
  const hits = new Uint8Array(run.count);
  if (!query) return hits.fill(1);
  const wordMatches = Uint8Array.from(run.words, (w) => w.toLowerCase().includes(query));
  const state = Uint8Array.from(run.states, (w) => w.includes(query));
  const { place, subject, reason, state: states } = run.events;
  for (let row = 0; row < run.count; row += 1) {
    if (
      wordMatches[place[row]] || wordMatches[subject[row]] || wordMatches[reason[row]] || state[states[row]] ||
      run.ids[row].toLowerCase().includes(query)
    ) hits[row] = 1;
  }
  const { event, outcome, refused, error, function: fn } = run.attempts;
  for (let i = 0; i < event.length; i += 1) {
    if (wordMatches[outcome[i]] || wordMatches[refused[i]] || wordMatches[error[i]] || wordMatches[fn[i]]) hits[event[i]] = 1;
  }
  return hits;
}
