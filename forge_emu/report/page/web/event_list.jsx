// The list of all events, with search and filters. Only the visible rows are in the document.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { durationText } from './duration.js';
import { Section } from './elements.jsx';
import { EventDetail } from './event_detail.jsx';
import { count, number, shortId } from './format.js';
import { offsetText } from './offset.js';
import { eventEnd, eventName, eventState, isLost, PRODUCT, QUEUED, searchEvents } from './run.js';

const ROW_HEIGHT = 34;
const OVERSCAN = 8;
const KINDS = { 'queued events': QUEUED, 'product events': PRODUCT };

const COLUMNS = [
  ['state', 'State', (run) => (r) => run.events.state[r]],
  ['event', 'Event', null],
  ['place', 'Queue or trigger event', null],
  ['at', 'Began', (run) => (r) => run.events.at[r]],
  ['age', 'Took', (run) => (r) => eventEnd(run, r) - run.events.at[r]],
  ['attempts', 'Attempts', (run) => (r) => run.events.attempts[r]],
];

const NO_FILTER = { text: '', state: 'all', kind: 'all' };

function matchingRows(run, { text, state, kind }, [name, direction]) {
  const hits = searchEvents(run, text);
  const wantedState = run.states.indexOf(state);
  const wantedKind = KINDS[kind];
  const matches = [];
  for (let row = 0; row < run.count; row += 1) {
    if (!hits[row]) continue;
    if (wantedState >= 0 && run.events.state[row] !== wantedState) continue;
    if (state === 'struggled' && run.firstAttempt[row] < 0 && !isLost(run.events.state[row])) continue;
    if (wantedKind !== undefined && run.events.kind[row] !== wantedKind) continue;
    matches.push(row);
  }
  if (name !== 'at' || direction < 0) {
    const value = COLUMNS.find(([n]) => n === name)[2](run);
    const values = new Float64Array(run.count);
    for (const row of matches) values[row] = value(row) * direction;
    matches.sort((x, y) => values[x] - values[y] || x - y);
  }
  return Uint32Array.from(matches);
}

// `selection` is {row, jump}: each jump scrolls to the row and drops filters that hide it. On the live
// page no part is a live region: what changes all the time would be read out all the time.
export function EventList({ run, version, selection, select }) {
  const [filter, setFilter] = useState(NO_FILTER);
  const [sort, setSort] = useState(['at', 1]);
  const rows = useMemo(() => matchingRows(run, filter, sort), [run, version, filter, sort]);
  const pane = useRef(null);
  const index = selection.row < 0 ? -1 : rows.indexOf(selection.row);
  useEffect(() => {
    if (selection.jump && selection.row >= 0 && rows.indexOf(selection.row) < 0) setFilter(NO_FILTER);
    if (selection.jump) {
      document.getElementById('events').scrollIntoView({ block: 'start' });
      pane.current.focus({ preventScroll: true });
    }
  }, [selection.jump]);
  const change = (name) => (event) => setFilter({ ...filter, [name]: event.currentTarget.value });
  const omitted = run.left_out.events;
  return (
    <Section id="events" title="All events" note={omitted ? `The first ${count(run.count, 'event')} are listed; ${number(omitted)} more are in the figures only.` : null}>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="grow">Search<input type="search" id="search" placeholder="id, subject, queue, limit, error …" autocomplete="off" spellcheck={false} value={filter.text} onInput={change('text')} /></label>
        <Choice title="State" value={filter.state} values={['all', ...run.states, 'struggled']} onInput={change('state')} />
        <Choice title="Kind" value={filter.kind} values={['all', ...Object.keys(KINDS)]} onInput={change('kind')} />
      </form>
      <p class="note" id="found" role={run.live ? undefined : 'status'}>{number(rows.length)} of {count(run.count, 'event')}</p>
      {run.payloads && <p class="note" id="has-payloads">This page holds what is in the events: bodies, what handlers were given and returned, logs and requests. Secrets that are known are masked; other data of yours may be in it.</p>}
      <div class="listing">
        <div class="card flush">
          <Rows run={run} rows={rows} index={index} sort={sort} setSort={setSort} select={select} jump={selection.jump} pane={pane} />
        </div>
        <aside class="card detail" id="event" aria-label="The selected event" aria-live={run.live ? undefined : 'polite'} tabindex="0" ref={pane}>
          {selection.row >= 0 && selection.row < run.count ? <EventDetail run={run} row={selection.row} select={select} /> : <p class="note">Select an event to see its attempts.</p>}
        </aside>
      </div>
    </Section>
  );
}

function Rows({ run, rows, index, sort, setSort, select, jump, pane }) {
  const scroller = useRef(null);
  const [view, setView] = useState([0, 600]);
  const look = () => {
    const { scrollTop, clientHeight } = scroller.current;
    setView((before) => (before[0] === scrollTop && before[1] === clientHeight ? before : [scrollTop, clientHeight]));
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look);
    observer.observe(scroller.current);
    look();
    return () => observer.disconnect();
  }, []);
  const scrollTo = (i) => {
    const top = i * ROW_HEIGHT;
    const box = scroller.current;
    if (top < box.scrollTop) box.scrollTop = top;
    if (top + 2 * ROW_HEIGHT > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * ROW_HEIGHT - box.clientHeight;
  };
  useLayoutEffect(() => { if (index >= 0) scrollTo(index); }, [jump, index < 0]);
  const choose = (i) => { scrollTo(i); select(rows[i]); };
  // Rows may move between press and release: what was pressed is meant.
  const pressed = useRef(-1);
  const click = (i) => {
    const row = pressed.current < 0 ? rows[i] : pressed.current;
    pressed.current = -1;
    select(row);
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
    if (event.target !== scroller.current || !rows.length) return;
    if (step) choose(Math.min(Math.max(0, index < 0 ? 0 : index + step), rows.length - 1));
    else if (event.key === 'Home') choose(0);
    else if (event.key === 'End') choose(rows.length - 1);
    else if (event.key === 'Enter' && index >= 0) pane.current.focus();
    else return;
    event.preventDefault();
  };
  const sortBy = (name) => setSort(sort[0] === name ? [name, -sort[1]] : [name, name === 'at' || name === 'state' ? 1 : -1]);
  const first = Math.max(0, Math.floor(view[0] / ROW_HEIGHT) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((view[0] + view[1]) / ROW_HEIGHT) + OVERSCAN);
  const shown = [];
  for (let i = first; i < last; i += 1) shown.push(<Row key={i} run={run} row={rows[i]} i={i} isSelected={i === index} onPress={() => { pressed.current = rows[i]; }} onClick={() => click(i)} />);
  return (
    <div class="view" tabindex="0" role="table" aria-label="Events. Arrow keys move, Enter shows an event." aria-rowcount={rows.length} ref={scroller} onScroll={() => requestAnimationFrame(look)} onKeyDown={onKeyDown}>
      <div class="row head" role="row">
        {COLUMNS.map(([name, title, value]) => (
          <span key={name} role="columnheader" class={name} aria-sort={sort[0] === name ? (sort[1] > 0 ? 'ascending' : 'descending') : undefined}>
            {value ? <button type="button" onClick={() => sortBy(name)}>{title}{sort[0] === name ? (sort[1] > 0 ? ' ▴' : ' ▾') : ''}</button> : title}
          </span>
        ))}
      </div>
      <div class="sheet" role="rowgroup" style={{ height: `${rows.length * ROW_HEIGHT}px` }}>{shown}</div>
    </div>
  );
}

function Row({ run, row, i, isSelected, onPress, onClick }) {
  const state = eventState(run, row);
  const name = eventName(run, row);
  return (
    <div class={`row ${isSelected ? 'is-selected' : ''}`} role="row" aria-rowindex={i + 1} data-row={row} onPointerDown={onPress} onClick={onClick} style={{ transform: `translateY(${i * ROW_HEIGHT}px)` }}>
      <span role="cell" class={`state is-${state}`}>{state}</span>
      <span role="cell" class="event">{name && <><bdi>{name}</bdi> </>}<code>{shortId(run.ids[row])}</code></span>
      <span role="cell" class="place">{run.text(run.events.place[row])}</span>
      <span role="cell" class="num at">{offsetText(run.events.at[row])}</span>
      <span role="cell" class="num age">{durationText(eventEnd(run, row) - run.events.at[row])}</span>
      <span role="cell" class="num attempts">{number(run.events.attempts[row])}</span>
    </div>
  );
}

function Choice({ title, value, values, onInput }) {
  return <label>{title}<select value={value} onInput={onInput}>{values.map((v) => <option key={v} value={v}>{v}</option>)}</select></label>;
}
