// The list of all events, with search and filters. Only the visible rows are in the document.

import { el, setChildren, section } from './dom.js';
import { durationText } from './duration.js';
import { count, number, outcomeLabel, shortId, toWords } from './format.js';
import { offsetText } from './offset.js';
import { eventEnd, eventName, PRODUCT, searchEvents, eventState } from './run.js';

const ROW_HEIGHT = 34;
const OVERSCAN = 8;

const COLUMNS = [
  ['state', 'State', (run) => (r) => run.events.state[r]],
  ['event', 'Event', null],
  ['place', 'Queue or trigger event', null],
  ['at', 'Began', (run) => (r) => run.events.at[r]],
  ['age', 'Took', (run) => (r) => eventEnd(run, r) - run.events.at[r]],
  ['attempts', 'Attempts', (run) => (r) => run.events.attempts[r]],
];

export function eventList(run) {
  const searchInput = el('input', { type: 'search', id: 'search', placeholder: 'id, subject, queue, limit, error …', autocomplete: 'off', spellcheck: 'false' });
  const state = selectField('State', ['all', ...run.states, 'struggled']);
  const kind = selectField('Kind', ['all', 'queued events', 'product events']);
  const resultCount = el('p', { class: 'note', id: 'found', role: 'status' });
  const headerRow = el('div', { class: 'row head', role: 'row' });
  const rowLayer = el('div', { class: 'sheet', role: 'rowgroup' });
  const scroller = el('div', { class: 'view', tabindex: 0, role: 'table', 'aria-label': 'Events. Arrow keys move, Enter shows an event.' }, headerRow, rowLayer);
  const detailPane = el('aside', { class: 'card detail', id: 'event', 'aria-live': 'polite', tabindex: -1 }, el('p', { class: 'note' }, 'Select an event to see its attempts.'));
  const omitted = run.left_out.events;
  const sectionElement = section(
    'events', 'All events',
    omitted ? `The first ${count(run.count, 'event')} are listed; ${number(omitted)} more are in the figures only.` : null,
    el('form', { class: 'filters', role: 'search', onsubmit: (e) => e.preventDefault() }, el('label', { class: 'grow' }, 'Search', searchInput), state.label, kind.label),
    resultCount,
    run.payloads && el('p', { class: 'note', id: 'has-payloads' }, 'This page holds what is in the events: bodies, what handlers were given and returned, logs and requests. Secrets that are known are masked; other data of yours may be in it.'),
    el('div', { class: 'listing' }, el('div', { class: 'card flush' }, scroller), detailPane),
  );

  let rows = new Uint32Array(0);
  let sort = ['at', 1];
  let selected = -1;

  const filter = () => {
    const hits = searchEvents(run, searchInput.value);
    const wantedState = run.states.indexOf(state.value());
    const wantedKind = { 'product events': PRODUCT, 'queued events': 1 }[kind.value()];
    const matches = [];
    for (let row = 0; row < run.count; row += 1) {
      if (!hits[row]) continue;
      if (wantedState >= 0 && run.events.state[row] !== wantedState) continue;
      if (state.value() === 'struggled' && !run.hasAttemptDetails(row)) continue;
      if (wantedKind !== undefined && run.events.kind[row] !== wantedKind) continue;
      matches.push(row);
    }
    const [name, direction] = sort;
    const value = COLUMNS.find(([n]) => n === name)[2](run);
    if (name !== 'at' || direction < 0) matches.sort((x, y) => (value(x) - value(y)) * direction || x - y);
    rows = Uint32Array.from(matches);
    rowLayer.style.height = `${rows.length * ROW_HEIGHT}px`;
    scroller.setAttribute('aria-rowcount', rows.length);
    scroller.scrollTop = 0;
    setChildren(resultCount, `${number(rows.length)} of ${count(run.count, 'event')}`);
    render();
  };

  const render = () => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW_HEIGHT) - OVERSCAN);
    const last = Math.min(rows.length, Math.ceil((scroller.scrollTop + scroller.clientHeight) / ROW_HEIGHT) + OVERSCAN);
    const elements = [];
    for (let i = first; i < last; i += 1) elements.push(rowElement(i));
    rowLayer.replaceChildren(...elements);
  };

  const rowElement = (i) => {
    const row = rows[i];
    const name = eventName(run, row);
    const element = el(
      'div',
      { class: `row ${row === selected ? 'is-selected' : ''}`, role: 'row', 'aria-rowindex': i + 1, 'data-row': row, onclick: () => selectRow(i) },
      el('span', { role: 'cell', class: `state is-${eventState(run, row)}` }, eventState(run, row)),
      el('span', { role: 'cell', class: 'event' }, name ? `${name} ` : '', el('code', {}, shortId(run.ids[row]))),
      el('span', { role: 'cell', class: 'place' }, run.text(run.events.place[row])),
      el('span', { role: 'cell', class: 'num at' }, offsetText(run.events.at[row])),
      el('span', { role: 'cell', class: 'num age' }, durationText(eventEnd(run, row) - run.events.at[row])),
      el('span', { role: 'cell', class: 'num attempts' }, number(run.events.attempts[row])),
    );
    element.style.transform = `translateY(${i * ROW_HEIGHT}px)`;
    return element;
  };

  const selectRow = (i) => {
    selected = rows[i];
    const top = i * ROW_HEIGHT;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + 2 * ROW_HEIGHT > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + 2 * ROW_HEIGHT - scroller.clientHeight;
    render();
    setChildren(detailPane, eventDetail(run, selected));
  };

  const openEvent = (row) => {
    if (rows.indexOf(row) < 0) {
      searchInput.value = '';
      state.reset();
      kind.reset();
      filter();
    }
    selectRow(rows.indexOf(row));
    sectionElement.scrollIntoView({ block: 'start' });
    detailPane.focus({ preventScroll: true });
  };

  const renderHeader = () => {
    setChildren(headerRow, COLUMNS.map(([name, title, value]) => el(
      'span',
      { role: 'columnheader', class: name, 'aria-sort': sort[0] === name ? (sort[1] > 0 ? 'ascending' : 'descending') : null },
      value ? el('button', { type: 'button', onclick: () => sortBy(name) }, title, sort[0] === name ? (sort[1] > 0 ? ' ▴' : ' ▾') : '') : title,
    )));
  };
  const sortBy = (name) => {
    sort = sort[0] === name ? [name, -sort[1]] : [name, name === 'at' || name === 'state' ? 1 : -1];
    renderHeader();
    filter();
  };

  scroller.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
    if (event.target !== scroller || !rows.length) return;
    const at = rows.indexOf(selected);
    if (step) selectRow(Math.min(Math.max(0, at < 0 ? 0 : at + step), rows.length - 1));
    else if (event.key === 'Home') selectRow(0);
    else if (event.key === 'End') selectRow(rows.length - 1);
    else if (event.key === 'Enter' && at >= 0) detailPane.focus();
    else return;
    event.preventDefault();
  });
  scroller.addEventListener('scroll', () => requestAnimationFrame(render));
  new ResizeObserver(render).observe(scroller);
  for (const input of [searchInput, state.select, kind.select]) input.addEventListener('input', filter);
  renderHeader();
  return [sectionElement, filter, openEvent];
}

function selectField(title, values) {
  const select = el('select', {}, values.map((v) => el('option', { value: v }, v)));
  return {
    select,
    label: el('label', {}, title, select),
    value: () => select.value,
    reset: () => { select.value = values[0]; },
  };
}

function eventDetail(run, row) {
  const attempts = run.attemptsOf(row);
  const reason = run.text(run.events.reason[row]);
  const parent = run.events.parent[row];
  return [
    el('h3', {}, eventName(run, row) || shortId(run.ids[row])),
    el('dl', {},
      definition('id', el('code', {}, run.ids[row])),
      definition(run.events.kind[row] === PRODUCT ? 'event' : 'queue', run.text(run.events.place[row])),
      definition('state', eventState(run, row) + (reason ? ` (${toWords(reason)})` : '')),
      definition('began', offsetText(run.events.at[row])),
      definition(run.events.age[row] < 0 ? 'open for' : 'took', durationText(eventEnd(run, row) - run.events.at[row])),
      definition('attempts', number(run.events.attempts[row])),
      parent >= 0 && definition('pushed for', `${eventName(run, parent) || shortId(run.ids[parent])}`)),
    attempts.length
      ? el('ol', { class: 'story' }, attempts.map((attempt) => el('li', {},
        el('strong', {}, offsetText(attempt.at)), ` ${outcomeLabel(attempt.outcome)}`,
        attempt.took > 0 && ` after ${durationText(attempt.took)}`,
        attempt.refused && el('div', { class: 'note' }, 'met ', el('code', {}, attempt.refused)),
        attempt.error && el('div', { class: 'note is-bad' }, attempt.error),
        attempt.due >= 0 && el('div', { class: 'note' }, `again at ${offsetText(attempt.due)}, ${durationText(Math.max(0, attempt.due - attempt.at - attempt.took))} later`))))
      : el('p', { class: 'note' }, run.events.attempts[row] ? 'It went through at its first attempt.' : 'It has not been delivered.'),
    run.payloads && payloadOf(run.payloads[run.ids[row]]),
  ];
}

function payloadOf(payload) {
  if (payload === undefined) return el('p', { class: 'note' }, 'What was in it is no longer kept (state.payloads_mb).');
  return el('details', { class: 'payload', open: true },
    el('summary', {}, 'What is in it'),
    payload.note && el('p', { class: 'note' }, payload.note),
    el('pre', {}, JSON.stringify({ body: payload.body, invocations: payload.invocations }, null, 2)));
}

const definition = (name, value) => [el('dt', {}, name), el('dd', {}, value)];
