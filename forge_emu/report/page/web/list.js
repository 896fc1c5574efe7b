// Every event, searchable. Only the rows in sight exist; the rest is the height of a scroll bar.

import { el, replace, section } from './dom.js';
import { count, instant, number, outcomeWords, shortId, span, words } from './format.js';
import { endOf, nameOf, PRODUCT, search, stateOf } from './run.js';

const ROW = 34;
const BEYOND = 8;

const COLUMNS = [
  ['state', 'State', (run) => (r) => run.events.state[r]],
  ['event', 'Event', null],
  ['place', 'Queue or trigger event', null],
  ['at', 'Began', (run) => (r) => run.events.at[r]],
  ['age', 'Took', (run) => (r) => endOf(run, r) - run.events.at[r]],
  ['attempts', 'Attempts', (run) => (r) => run.events.attempts[r]],
];

export function events(run) {
  const box = el('input', { type: 'search', id: 'search', placeholder: 'id, subject, queue, limit, error …', autocomplete: 'off', spellcheck: 'false' });
  const state = choice('State', ['all', ...run.states, 'struggled']);
  const kind = choice('Kind', ['all', 'queued events', 'product events']);
  const found = el('p', { class: 'note', id: 'found', role: 'status' });
  const head = el('div', { class: 'row head', role: 'row' });
  const sheet = el('div', { class: 'sheet', role: 'rowgroup' });
  const view = el('div', { class: 'view', tabindex: 0, role: 'table', 'aria-label': 'Events. Arrow keys move, Enter shows an event.' }, head, sheet);
  const detail = el('aside', { class: 'card detail', id: 'event', 'aria-live': 'polite', tabindex: -1 }, el('p', { class: 'note' }, 'Select an event to see its attempts.'));
  const left = run.left_out.events;
  const shown = section(
    'events', 'All events',
    left ? `The first ${count(run.count, 'event')} are listed; ${number(left)} more are in the figures only.` : null,
    el('form', { class: 'filters', role: 'search', onsubmit: (e) => e.preventDefault() }, el('label', { class: 'grow' }, 'Search', box), state.label, kind.label),
    found,
    el('div', { class: 'listing' }, el('div', { class: 'card flush' }, view), detail),
  );

  let rows = new Uint32Array(0);
  let sort = ['at', 1];
  let selected = -1;

  const filter = () => {
    const hits = search(run, box.value);
    const wanted = run.states.indexOf(state.value());
    const kinds = { 'product events': PRODUCT, 'queued events': 1 }[kind.value()];
    const kept = [];
    for (let row = 0; row < run.count; row += 1) {
      if (!hits[row]) continue;
      if (wanted >= 0 && run.events.state[row] !== wanted) continue;
      if (state.value() === 'struggled' && !run.hasStory(row)) continue;
      if (kinds !== undefined && run.events.kind[row] !== kinds) continue;
      kept.push(row);
    }
    const [name, direction] = sort;
    const value = COLUMNS.find(([n]) => n === name)[2](run);
    if (name !== 'at' || direction < 0) kept.sort((x, y) => (value(x) - value(y)) * direction || x - y);
    rows = Uint32Array.from(kept);
    sheet.style.height = `${rows.length * ROW}px`;
    view.setAttribute('aria-rowcount', rows.length);
    view.scrollTop = 0;
    replace(found, `${number(rows.length)} of ${count(run.count, 'event')}`);
    render();
  };

  const render = () => {
    const first = Math.max(0, Math.floor(view.scrollTop / ROW) - BEYOND);
    const last = Math.min(rows.length, Math.ceil((view.scrollTop + view.clientHeight) / ROW) + BEYOND);
    const drawn = [];
    for (let i = first; i < last; i += 1) drawn.push(line(i));
    sheet.replaceChildren(...drawn);
  };

  const line = (i) => {
    const row = rows[i];
    const name = nameOf(run, row);
    const element = el(
      'div',
      { class: `row ${row === selected ? 'is-selected' : ''}`, role: 'row', 'aria-rowindex': i + 1, 'data-row': row, onclick: () => choose(i) },
      el('span', { role: 'cell', class: `state is-${stateOf(run, row)}` }, stateOf(run, row)),
      el('span', { role: 'cell', class: 'event' }, name ? `${name} ` : '', el('code', {}, shortId(run.ids[row]))),
      el('span', { role: 'cell', class: 'place' }, run.text(run.events.place[row])),
      el('span', { role: 'cell', class: 'num at' }, instant(run.events.at[row])),
      el('span', { role: 'cell', class: 'num age' }, span(endOf(run, row) - run.events.at[row])),
      el('span', { role: 'cell', class: 'num attempts' }, number(run.events.attempts[row])),
    );
    element.style.transform = `translateY(${i * ROW}px)`;
    return element;
  };

  const choose = (i) => {
    selected = rows[i];
    const top = i * ROW;
    if (top < view.scrollTop) view.scrollTop = top;
    if (top + 2 * ROW > view.scrollTop + view.clientHeight) view.scrollTop = top + 2 * ROW - view.clientHeight;
    render();
    replace(detail, story(run, selected));
  };

  const open = (row) => {
    if (rows.indexOf(row) < 0) {
      box.value = '';
      state.reset();
      kind.reset();
      filter();
    }
    choose(rows.indexOf(row));
    shown.scrollIntoView({ block: 'start' });
    detail.focus({ preventScroll: true });
  };

  const heads = () => {
    replace(head, COLUMNS.map(([name, title, value]) => el(
      'span',
      { role: 'columnheader', class: name, 'aria-sort': sort[0] === name ? (sort[1] > 0 ? 'ascending' : 'descending') : null },
      value ? el('button', { type: 'button', onclick: () => order(name) }, title, sort[0] === name ? (sort[1] > 0 ? ' ▴' : ' ▾') : '') : title,
    )));
  };
  const order = (name) => {
    sort = sort[0] === name ? [name, -sort[1]] : [name, name === 'at' || name === 'state' ? 1 : -1];
    heads();
    filter();
  };

  view.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
    if (event.target !== view || !rows.length) return;
    const at = rows.indexOf(selected);
    if (step) choose(Math.min(Math.max(0, at < 0 ? 0 : at + step), rows.length - 1));
    else if (event.key === 'Home') choose(0);
    else if (event.key === 'End') choose(rows.length - 1);
    else if (event.key === 'Enter' && at >= 0) detail.focus();
    else return;
    event.preventDefault();
  });
  view.addEventListener('scroll', () => requestAnimationFrame(render));
  new ResizeObserver(render).observe(view);
  for (const each of [box, state.select, kind.select]) each.addEventListener('input', filter);
  heads();
  return [shown, filter, open];
}

function choice(title, values) {
  const select = el('select', {}, values.map((v) => el('option', { value: v }, v)));
  return {
    select,
    label: el('label', {}, title, select),
    value: () => select.value,
    reset: () => { select.value = values[0]; },
  };
}

function story(run, row) {
  const attempts = run.attemptsOf(row);
  const reason = run.text(run.events.reason[row]);
  const parent = run.events.parent[row];
  return [
    el('h3', {}, nameOf(run, row) || shortId(run.ids[row])),
    el('dl', {},
      fact('id', el('code', {}, run.ids[row])),
      fact(run.events.kind[row] === PRODUCT ? 'event' : 'queue', run.text(run.events.place[row])),
      fact('state', stateOf(run, row) + (reason ? ` (${words(reason)})` : '')),
      fact('began', instant(run.events.at[row])),
      fact(run.events.age[row] < 0 ? 'open for' : 'took', span(endOf(run, row) - run.events.at[row])),
      fact('attempts', number(run.events.attempts[row])),
      parent >= 0 && fact('pushed for', `${nameOf(run, parent) || shortId(run.ids[parent])}`)),
    attempts.length
      ? el('ol', { class: 'story' }, attempts.map((attempt) => el('li', {},
        el('strong', {}, instant(attempt.at)), ` ${outcomeWords(attempt.outcome)}`,
        attempt.took > 0 && ` after ${span(attempt.took)}`,
        attempt.refused && el('div', { class: 'note' }, 'met ', el('code', {}, attempt.refused)),
        attempt.error && el('div', { class: 'note is-bad' }, attempt.error),
        attempt.due >= 0 && el('div', { class: 'note' }, `again at ${instant(attempt.due)}, ${span(Math.max(0, attempt.due - attempt.at - attempt.took))} later`))))
      : el('p', { class: 'note' }, run.events.attempts[row] ? 'It went through at its first attempt.' : 'It has not been delivered.'),
  ];
}

const fact = (name, value) => [el('dt', {}, name), el('dd', {}, value)];
