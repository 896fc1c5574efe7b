// What a run did: columns of numbers, and queries on them. The report has all of it at once; the live
// page gets more of it bit by bit, and in both cases it is added by `apply`.

export const [PENDING, SUCCEEDED, DROPPED, CANCELLED, EXPIRED] = [0, 1, 2, 3, 4];

// Events that nobody handled and nobody cancelled.
export const isLost = (state) => state === DROPPED || state === EXPIRED;
export const [PRODUCT, QUEUED] = [0, 1];

const EVENT_COLUMNS = ['kind', 'place', 'subject', 'at', 'age', 'state', 'attempts', 'reason', 'parent'];
const ATTEMPT_COLUMNS = ['event', 'function', 'number', 'at', 'took', 'outcome', 'refused', 'error', 'due'];

const emptyColumns = (names) => Object.fromEntries(names.map((name) => [name, []]));

// Rows of events and attempts are as in forge_emu/report/page/builder.py. Children and attempts of an
// event are lists through its rows: `first…[event]`, then `next…[row]` until -1.
export class Run {
  constructor(about) {
    this.about = about;
    this.live = null;
    this.version = 0;
    this.figuresVersion = 0;
    this.ids = [];
    this.words = [];
    this.states = [];
    this.now = 0;
    this.events = emptyColumns(EVENT_COLUMNS);
    this.attempts = emptyColumns(ATTEMPT_COLUMNS);
    this.left_out = { events: 0, attempts: 0 };
    this.payloads = null;
    this.running = new Map();
    this.rowOfId = new Map();
    this.firstAttempt = [];
    this.lastAttempt = [];
    this.nextAttempt = [];
    this.firstChild = [];
    this.lastChild = [];
    this.nextChild = [];
  }

  get count() { return this.ids.length; }

  text(i) { return i < 0 ? '' : this.words[i]; }

  get hasFigures() { return Boolean(this.summary); }

  get first() { return this.summary.started_at; }

  get last() { return Math.max(this.live ? this.live.clock.now : this.summary.ended_at, this.summary.ended_at, this.first + 1000); }

  // Adds what the report embeds, or a line of the live page's stream.
  apply(change) {
    this.version += 1;
    for (const name of ['now', 'states', 'left_out', 'live', 'payloads', 'summary', 'usage', 'capacity', 'over_time']) {
      if (change[name] !== undefined) this[name] = change[name];
    }
    if (change.summary) this.figuresVersion += 1;
    if (change.words) append(this.words, change.words);
    if (change.ids) this.#addEvents(change);
    if (change.attempts) this.#addAttempts(change.attempts);
    if (change.changed_events) replace(this.events, change.changed_events);
    if (change.changed_attempts) replace(this.attempts, change.changed_attempts);
    if (change.running) this.#setRunning(change.running);
    return this;
  }

  #addEvents({ ids, events }) {
    for (const id of ids) {
      this.rowOfId.set(id, this.ids.length);
      this.ids.push(id);
    }
    const from = this.events.at.length;
    for (const name of EVENT_COLUMNS) (name === 'at' ? appendSums : append)(this.events[name], events[name]);
    for (let row = from; row < this.events.at.length; row += 1) {
      this.firstAttempt.push(-1);
      this.lastAttempt.push(-1);
      this.firstChild.push(-1);
      this.lastChild.push(-1);
      this.nextChild.push(-1);
      link(this.events.parent[row], row, this.firstChild, this.lastChild, this.nextChild);
    }
  }

  #addAttempts(attempts) {
    const from = this.attempts.at.length;
    for (const name of ATTEMPT_COLUMNS) {
      (name === 'at' || name === 'event' ? appendSums : append)(this.attempts[name], attempts[name]);
    }
    for (let row = from; row < this.attempts.at.length; row += 1) {
      this.nextAttempt.push(-1);
      link(this.attempts.event[row], row, this.firstAttempt, this.lastAttempt, this.nextAttempt);
    }
  }

  #setRunning(rows) {
    this.running = new Map();
    for (const [row, fn, attempt, at] of rows) {
      if (!this.running.has(row)) this.running.set(row, []);
      this.running.get(row).push({ fn: this.text(fn), number: attempt, at, outcome: 'running', refused: '', error: '', due: -1 });
    }
  }

  attemptsOf(row) {
    const { attempts: a } = this;
    const found = [];
    for (let i = this.firstAttempt[row]; i >= 0; i = this.nextAttempt[i]) {
      found.push({
        fn: this.text(a.function[i]), number: a.number[i], at: a.at[i], took: a.took[i],
        outcome: this.text(a.outcome[i]), refused: this.text(a.refused[i]),
        error: this.text(a.error[i]), due: a.due[i],
      });
    }
    for (const each of this.running.get(row) ?? []) found.push({ ...each, took: Math.max(0, this.now - each.at) });
    return found.sort((x, y) => x.at - y.at);
  }

  endedAttempts(row) { return this.events.attempts[row] - (this.running.get(row)?.length ?? 0); }

  hasAttemptDetails(row) { return this.firstAttempt[row] >= 0 || this.running.has(row); }

  childrenOf(row) {
    const found = [];
    for (let i = this.firstChild[row]; i >= 0; i = this.nextChild[i]) found.push(i);
    return found;
  }
}

function append(values, more) {
  for (let i = 0; i < more.length; i += 1) values.push(more[i]);
}

// `differences` begin at the last value.
function appendSums(values, differences) {
  let value = values.length ? values[values.length - 1] : 0;
  for (let i = 0; i < differences.length; i += 1) values.push(value += differences[i]);
}

function replace(columns, { row, ...changed }) {
  for (const [name, values] of Object.entries(changed)) {
    for (let i = 0; i < row.length; i += 1) columns[name][row[i]] = values[i];
  }
}

function link(owner, row, first, last, next) {
  if (owner < 0) return;
  if (last[owner] < 0) first[owner] = row;
  else next[last[owner]] = row;
  last[owner] = row;
}

export const eventName = (run, row) => run.text(run.events.subject[row]);
export const eventState = (run, row) => run.states[run.events.state[row]];
export const eventEnd = (run, row) =>
  run.events.age[row] < 0 ? Math.max(run.now, run.live?.clock.now ?? 0) : run.events.at[row] + run.events.age[row];

// Events that did not succeed at the first attempt, sorted: dropped and expired, unfinished, most attempts.
export function struggledEvents(run) {
  const { at, state, attempts, age } = run.events;
  const rank = [1, 2, 0, 3, 0];
  const rows = [];
  for (let row = 0; row < run.count; row += 1) {
    // What is at its first attempt has not struggled yet; what ended in an earlier run is not in the charts.
    if (age[row] >= 0 && at[row] + age[row] < run.first) continue;
    if (isLost(state[row]) || run.firstAttempt[row] >= 0) rows.push(row);
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
