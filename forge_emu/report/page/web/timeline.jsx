// The events that struggled: one row each, with attempts as marks and waits as lines between them.

import { useRef, useState } from 'preact/hooks';
import { axes, colour, useChart } from './charts.js';
import { durationText } from './duration.js';
import { Legend, Section } from './elements.jsx';
import { count, outcomeLabel, shortId, toWords } from './format.js';
import { offsetText } from './offset.js';
import { eventName, eventState, isLost, struggledEvents } from './run.js';

const ROWS_PER_PAGE = 24;
const ROW_HEIGHT = 22;

const MARK_KINDS = { success: 'good', retry_requested: 'retry', deferred: 'deferred', running: 'first' };
const markKind = (attempt) => MARK_KINDS[attempt.outcome] ?? 'bad';

const LEGEND = [
  ['good', 'dot', 'success'], ['retry', 'ring', 'asked for a retry'], ['bad', 'square', 'error or timeout'],
  ['deferred', 'diamond', 'put off by a limit'], ['bad', 'cross', 'dropped or expired'], ['line', 'line', 'waiting'],
];

export function Timeline({ run, range, openEvent }) {
  const [first, setFirst] = useState(0);
  const rows = struggledEvents(run);
  if (!rows.length) return <Section id="struggled" title="Events that were retried or lost" note="None: every event went through at its first attempt." />;
  const last = Math.floor((rows.length - 1) / ROWS_PER_PAGE) * ROWS_PER_PAGE;
  const from = Math.min(first, last);
  const shown = rows.slice(from, from + ROWS_PER_PAGE);
  const turnPage = (pages) => setFirst(Math.min(Math.max(0, from + pages * ROWS_PER_PAGE), last));
  return (
    <Section
      id="struggled" title="Events that were retried or lost"
      note={`${count(rows.length, 'event')} that did not go through at once, the worst first. Hover over a mark, or select it with the arrow keys.`}
    >
      <Legend entries={LEGEND} />
      <Tracks run={run} rows={shown} range={range} openEvent={openEvent} />
      <div class="pager">
        <button type="button" disabled={from === 0} onClick={() => turnPage(-1)}>‹ worse</button>
        <span aria-live="polite">{from + 1} to {from + shown.length} of {rows.length.toLocaleString('en-US')}</span>
        <button type="button" disabled={from >= last} onClick={() => turnPage(1)}>milder ›</button>
      </div>
    </Section>
  );
}

function Tracks({ run, rows, range, openEvent }) {
  const selected = useRef({ row: -1, index: 0 });
  const tracks = rows.map((row) => ({ row, attempts: run.attemptsOf(row) }));
  const value = { run, tracks, selected, openEvent };
  const [box, handle] = useChart(value, `${rows.length} ${innerWidth < 640}`, tracksChart, range);
  const onKeyDown = (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const i = tracks.findIndex((t) => t.row === selected.current.row);
    if (event.key === 'Enter' && i >= 0) openEvent(tracks[i].row);
    if (event.key === 'Escape') handle.current.hideTip();
    if (!step) return;
    event.preventDefault();
    const track = tracks[i < 0 ? 0 : Math.min(Math.max(0, i + step[0]), tracks.length - 1)];
    const before = i < 0 ? 0 : selected.current.index + step[1];
    if (!track.attempts.length) return;
    selected.current = { row: track.row, index: Math.min(Math.max(0, before), track.attempts.length - 1) };
    handle.current.plot.redraw(false, false);
    handle.current.showTip(track, track.attempts[selected.current.index]);
  };
  return (
    <div
      class="card timeline" tabindex="0" role="application" onKeyDown={onKeyDown} onBlur={() => handle.current.hideTip()}
      aria-label="Attempts of the events that struggled. Arrow keys move from mark to mark, Enter shows the event."
    >
      <div class="plot" ref={box} onClick={(event) => openTrackAt(handle.current.plot, event, tracks, openEvent)} />
    </div>
  );
}

function openTrackAt(u, event, tracks, openEvent) {
  const box = u.over.getBoundingClientRect();
  const i = Math.round(u.posToVal(event.clientY - box.top, 'y'));
  if (tracks[i] && event.clientY >= box.top && event.clientY <= box.bottom) openEvent(tracks[i].row);
}

function tracksChart(state, tip, handle) {
  const showTip = (track, attempt) => {
    const u = handle.current.plot;
    const x = u.valToPos(attempt.at / 1000, 'x') + u.over.offsetLeft;
    tip.show(tooltipLines(state.current.run, track.row, attempt), x, u.valToPos(state.current.tracks.indexOf(track), 'y'));
  };
  const hover = (u) => {
    if (!handle.current?.showTip) return;
    const { left, top } = u.cursor;
    if (left < 0 || left === undefined) return;
    const found = nearestAttempt(u, state.current.tracks, left, top);
    u.over.style.cursor = found ? 'pointer' : '';
    if (found) showTip(...found);
    else tip.hide();
  };
  // The keyboard shows and hides it, too.
  queueMicrotask(() => Object.assign(handle.current, { showTip, hideTip: () => tip.hide() }));
  return {
    options: () => ({
      axes: axes({
        splits: () => state.current.tracks.map((_, i) => i),
        values: () => state.current.tracks.map(({ row }) => rowLabel(state.current.run, row, innerWidth < 640 ? 10 : 20)),
        grid: { show: false },
      }, innerWidth < 640 ? 84 : 150),
      scales: { y: { dir: -1, range: () => [-0.6, Math.max(state.current.tracks.length, 1) - 0.4] } },
      series: [{}, { show: true, paths: () => null, points: { show: false } }],
      hooks: {
        draw: [(u) => drawTracks(u, state.current)],
        setCursor: [hover],
      },
    }),
    data: () => {
      const [from, to] = [state.current.run.first / 1000, state.current.run.last / 1000];
      return [[from, to], [0, 0]];
    },
    height: () => Math.max(3, state.current.tracks.length) * ROW_HEIGHT + 44,
  };
}

// On one line, cut between characters; marks that turn the direction of text do nothing here.
function rowLabel(run, row, most) {
  const text = (eventName(run, row) || shortId(run.ids[row])).replace(/\s+/g, ' ').replace(/[\u202a-\u202e\u2066-\u2069]/g, '');
  const characters = [...new Intl.Segmenter().segment(text)];
  return characters.length > most ? `${characters.slice(0, most - 1).map((c) => c.segment).join('')}…` : text;
}

function tooltipLines(run, row, attempt) {
  const name = eventName(run, row) || shortId(run.ids[row]);
  const lines = [
    `${name} · ${run.text(run.events.place[row])}`,
    `${attempt.number ? `attempt ${attempt.number}` : 'delivery'} at ${offsetText(attempt.at)}: ${outcomeLabel(attempt.outcome)}${attempt.took > 0 ? ` after ${durationText(attempt.took)}` : ''}`,
  ];
  if (attempt.refused) lines.push(`met ${attempt.refused}`);
  if (attempt.error) lines.push(attempt.error);
  if (attempt.due >= 0) lines.push(`again at ${offsetText(attempt.due)}, ${durationText(attempt.due - attempt.at - attempt.took)} later`);
  lines.push(`${eventState(run, row)}${run.events.reason[row] >= 0 ? ` (${toWords(run.text(run.events.reason[row]))})` : ''}`);
  return lines;
}

function nearestAttempt(u, tracks, left, top) {
  const i = Math.round(u.posToVal(top, 'y'));
  const track = tracks[i];
  if (!track) return null;
  let best = null;
  let nearestDistance = 14;
  for (const attempt of track.attempts) {
    const from = u.valToPos(attempt.at / 1000, 'x');
    const to = u.valToPos((attempt.at + attempt.took) / 1000, 'x');
    const distance = left < from ? from - left : left > to ? left - to : 0;
    if (distance < nearestDistance) [best, nearestDistance] = [attempt, distance];
  }
  return best ? [track, best] : null;
}

function drawTracks(u, { run, tracks, selected }) {
  const { ctx } = u;
  const dpr = devicePixelRatio;
  const { left, top, width, height } = u.bbox;
  const colours = Object.fromEntries(['good', 'retry', 'bad', 'deferred', 'first', 'dim', 'line', 'text', 'card'].map((n) => [n, colour(n)]));
  const x = (ms) => u.valToPos(ms / 1000, 'x', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top - 4 * dpr, width + 8 * dpr, height + 8 * dpr);
  ctx.clip();
  tracks.forEach(({ row, attempts }, i) => {
    const y = u.valToPos(i, 'y', true);
    ctx.lineWidth = 1.5 * dpr;
    for (const attempt of attempts) {
      if (attempt.due < 0) continue;
      ctx.strokeStyle = colours.line;
      ctx.beginPath();
      ctx.moveTo(x(attempt.at + attempt.took), y);
      ctx.lineTo(x(attempt.due), y);
      ctx.stroke();
    }
    const marked = selected.current.row === row ? selected.current.index : -1;
    attempts.forEach((attempt, n) => drawMark(ctx, attempt, x(attempt.at), x(attempt.at + attempt.took), y, dpr, colours, n === marked));
    if (isLost(run.events.state[row])) drawCross(ctx, x(run.events.at[row] + run.events.age[row]) + 7 * dpr, y, 4 * dpr, colours.bad, dpr);
  });
  ctx.restore();
}

function drawMark(ctx, attempt, from, to, y, dpr, colours, selected) {
  const kind = markKind(attempt);
  const r = 4.5 * dpr;
  ctx.fillStyle = colours[kind];
  ctx.strokeStyle = colours[kind];
  ctx.lineWidth = 2 * dpr;
  if (to - from > 2 * r) ctx.fillRect(from, y - 1.5 * dpr, to - from, 3 * dpr);
  const at = Math.max(from, to);
  ctx.beginPath();
  if (kind === 'bad') ctx.rect(at - r, y - r, 2 * r, 2 * r);
  else if (kind === 'deferred') {
    ctx.moveTo(at, y - r);
    ctx.lineTo(at + r, y);
    ctx.lineTo(at, y + r);
    ctx.lineTo(at - r, y);
    ctx.closePath();
  } else ctx.arc(at, y, kind === 'retry' ? r - dpr : r, 0, 2 * Math.PI);
  if (kind === 'retry') {
    ctx.fillStyle = colours.card;
    ctx.fill();
    ctx.stroke();
  } else ctx.fill();
  if (selected) {
    ctx.strokeStyle = colours.text;
    ctx.beginPath();
    ctx.arc(at, y, r + 4 * dpr, 0, 2 * Math.PI);
    ctx.stroke();
  }
}

function drawCross(ctx, x, y, r, stroke, dpr) {
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 2.5 * dpr;
  ctx.beginPath();
  ctx.moveTo(x - r, y - r);
  ctx.lineTo(x + r, y + r);
  ctx.moveTo(x + r, y - r);
  ctx.lineTo(x - r, y + r);
  ctx.stroke();
}
