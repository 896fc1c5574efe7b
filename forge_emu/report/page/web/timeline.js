// The events that struggled: one row each, with attempts as marks and waits as lines between them.

import { chart, axes, colour, tooltip } from './charts.js';
import { el, setChildren, section } from './dom.js';
import { durationText } from './duration.js';
import { count, outcomeLabel, shortId, toWords } from './format.js';
import { offsetText } from './offset.js';
import { legend } from './time_charts.js';
import { eventName, eventState, isLost, struggledEvents } from './run.js';

const ROWS_PER_PAGE = 24;
const ROW_HEIGHT = 22;

const MARK_KINDS = { success: 'good', retry_requested: 'retry', deferred: 'deferred', running: 'first' };
const markKind = (attempt) => MARK_KINDS[attempt.outcome] ?? 'bad';

export function timeline(run, range, openEvent) {
  const rows = struggledEvents(run);
  if (!rows.length) {
    return [section('struggled', 'Events that struggled', 'None: every event went through at its first attempt.'), () => {}];
  }
  const container = el('div', { class: 'card timeline', tabindex: 0, role: 'application', 'aria-label': 'Attempts of the events that struggled. Arrow keys move from mark to mark, Enter shows the event.' });
  const pageLabel = el('span', { 'aria-live': 'polite' });
  const previousButton = el('button', { type: 'button', onclick: () => turnPage(-1) }, '‹ worse');
  const nextButton = el('button', { type: 'button', onclick: () => turnPage(1) }, 'milder ›');
  const sectionElement = section(
    'struggled', 'Events that struggled',
    `${count(rows.length, 'event')} that did not go through at once, the worst first. Hover over a mark, or select it with the arrow keys.`,
    legend([
      ['good', 'dot', 'success'], ['retry', 'ring', 'asked for a retry'], ['bad', 'square', 'error or timeout'],
      ['deferred', 'diamond', 'put off by a limit'], ['bad', 'cross', 'dropped or expired'], ['line', 'line', 'waiting'],
    ]),
    container,
    el('div', { class: 'pager' }, previousButton, pageLabel, nextButton),
  );
  let first = 0;
  let tracks = [];
  let selected = null;
  let handle = null;

  const loadPage = () => {
    tracks = rows.slice(first, first + ROWS_PER_PAGE).map((row) => ({ row, attempts: run.attemptsOf(row) }));
    selected = null;
    setChildren(pageLabel, `${first + 1} to ${first + tracks.length} of ${rows.length.toLocaleString('en-US')}`);
    previousButton.disabled = first === 0;
    nextButton.disabled = first + ROWS_PER_PAGE >= rows.length;
  };
  const turnPage = (pages) => {
    first = Math.min(Math.max(0, first + pages * ROWS_PER_PAGE), Math.floor((rows.length - 1) / ROWS_PER_PAGE) * ROWS_PER_PAGE);
    loadPage();
    handle.render();
  };
  loadPage();

  const draw = () => {
    const labelWidth = () => (innerWidth < 640 ? 84 : 150);
    handle = chart(
      container,
      () => ({
        axes: axes({
          splits: () => tracks.map((_, i) => i),
          values: () => tracks.map(({ row }) => rowLabel(run, row, innerWidth < 640 ? 10 : 20)),
          grid: { show: false },
        }, labelWidth()),
        scales: { y: { dir: -1, range: () => [-0.6, Math.max(tracks.length, 1) - 0.4] } },
        series: [{}, { show: true, paths: () => null, points: { show: false } }],
        hooks: {
          draw: [(u) => drawTracks(u, run, tracks, selected)],
          setCursor: [(u) => hover(u)],
        },
      }),
      () => [[range.full[0], range.full[1]], [0, 0]],
      { height: () => Math.max(3, tracks.length) * ROW_HEIGHT + 44, range },
    );
    const tip = tooltip(container);
    const showTooltip = (u, track, attempt) => {
      const x = u.valToPos(attempt.at / 1000, 'x') + u.over.offsetLeft;
      const y = u.valToPos(tracks.indexOf(track), 'y');
      tip.show(tooltipLines(run, track.row, attempt), x, y);
    };
    const hover = (u) => {
      const { left, top } = u.cursor;
      if (left < 0 || left === undefined) return tip.hide();
      const found = nearestAttempt(u, tracks, left, top);
      container.style.cursor = found ? 'pointer' : '';
      return found ? showTooltip(u, ...found) : tip.hide();
    };
    const select = (track, attempt) => {
      selected = attempt;
      handle.plot.redraw(false, false);
      showTooltip(handle.plot, track, attempt);
    };
    container.addEventListener('click', (event) => {
      const u = handle.plot;
      const box = u.over.getBoundingClientRect();
      const i = Math.round(u.posToVal(event.clientY - box.top, 'y'));
      if (tracks[i] && event.clientY >= box.top && event.clientY <= box.bottom) openEvent(tracks[i].row);
    });
    container.addEventListener('keydown', (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      const i = Math.max(0, tracks.findIndex((t) => t.attempts.includes(selected)));
      if (event.key === 'Enter' && selected) openEvent(tracks[i].row);
      if (event.key === 'Escape') tip.hide();
      if (!step) return;
      event.preventDefault();
      const track = selected ? tracks[Math.min(Math.max(0, i + step[0]), tracks.length - 1)] : tracks[0];
      const j = Math.max(0, track.attempts.indexOf(selected));
      const next = Math.min(Math.max(0, j + step[1]), track.attempts.length - 1);
      if (track.attempts.length) select(track, track.attempts[next]);
    });
    container.addEventListener('blur', () => tip.hide());
  };
  return [sectionElement, draw];
}

function rowLabel(run, row, most) {
  const text = eventName(run, row) || shortId(run.ids[row]);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
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

function drawTracks(u, run, tracks, selected) {
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
    for (const attempt of attempts) drawMark(ctx, attempt, x(attempt.at), x(attempt.at + attempt.took), y, dpr, colours, attempt === selected);
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
