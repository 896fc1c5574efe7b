// The run: columns of numbers as they were embedded, and the questions the page asks of them.

export const [PENDING, SUCCEEDED, DROPPED, CANCELLED] = [0, 1, 2, 3];
export const [PRODUCT, QUEUED] = [0, 1];

const sums = (differences) => {
  const values = new Float64Array(differences.length);
  let value = 0;
  for (let i = 0; i < differences.length; i += 1) values[i] = value += differences[i];
  return values;
};

export function readRun(text) {
  const run = JSON.parse(text);
  const { events, attempts } = run;
  events.at = sums(events.at);
  attempts.at = sums(attempts.at);
  attempts.event = sums(attempts.event);
  run.count = run.ids.length;
  run.text = (i) => (i < 0 ? '' : run.words[i]);
  run.first = run.summary.started_at;
  run.last = Math.max(run.summary.ended_at, run.first + 1000);
  indexAttempts(run);
  return run;
}

// Attempts of one event side by side: those of event e are order[start[e]] to order[start[e + 1]].
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
  run.hasStory = (row) => start[row + 1] > start[row] || running.has(row);
}

export const nameOf = (run, row) => run.text(run.events.subject[row]);
export const stateOf = (run, row) => run.states[run.events.state[row]];
export const endOf = (run, row) =>
  run.events.age[row] < 0 ? run.now : run.events.at[row] + run.events.age[row];

// Those that did not go through at once, the worst first: dropped, unfinished, most attempts.
export function struggled(run) {
  const { state, attempts, age } = run.events;
  const rank = [1, 2, 0, 3];
  const rows = [];
  for (let row = 0; row < run.count; row += 1) {
    if (state[row] === DROPPED || run.hasStory(row)) rows.push(row);
  }
  return rows.sort(
    (x, y) => rank[state[x]] - rank[state[y]] || attempts[y] - attempts[x] || age[y] - age[x] || x - y,
  );
}

// Rows whose id, subject, place, state, reason, limit or error holds the text.
export function search(run, text) {
  const sought = text.trim().toLowerCase();
  const hits = new Uint8Array(run.count);
  if (!sought) return hits.fill(1);
  const word = Uint8Array.from(run.words, (w) => w.toLowerCase().includes(sought));
  const state = Uint8Array.from(run.states, (w) => w.includes(sought));
  const { place, subject, reason, state: states } = run.events;
  for (let row = 0; row < run.count; row += 1) {
    if (
      word[place[row]] || word[subject[row]] || word[reason[row]] || state[states[row]] ||
      run.ids[row].toLowerCase().includes(sought)
    ) hits[row] = 1;
  }
  const { event, outcome, refused, error, function: fn } = run.attempts;
  for (let i = 0; i < event.length; i += 1) {
    if (word[outcome[i]] || word[refused[i]] || word[error[i]] || word[fn[i]]) hits[event[i]] = 1;
  }
  return hits;
}
