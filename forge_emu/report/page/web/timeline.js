// The events that struggled: a row each, attempts as marks, waits as lines between them.

import { chart, axes, colour, tooltip } from './charts.js';
import { el, replace, section } from './dom.js';
import { count, instant, outcomeWords, shortId, span, words } from './format.js';
import { legend } from './overtime.js';
import { DROPPED, nameOf, stateOf, struggled } from './run.js';

const ROWS = 24;
const ROW_HEIGHT = 22;

const KIND = { success: 'good', retry_requested: 'retry', deferred: 'deferred', running: 'first' };
const kindOf = (attempt) => KIND[attempt.outcome] ?? 'bad';

export function timeline(run, range, open) {
  const rows = struggled(run);
  if (!rows.length) {
    return [section('struggled', 'Events that struggled', 'None: every event went through at its first attempt.'), () => {}];
  }
  const place = el('div', { class: 'card timeline', tabindex: 0, role: 'application', 'aria-label': 'Attempts of the events that struggled. Arrow keys move from mark to mark, Enter shows the event.' });
  const where = el('span', { 'aria-live': 'polite' });
  const earlier = el('button', { type: 'button', onclick: () => turn(-1) }, '‹ worse');
  const later = el('button', { type: 'button', onclick: () => turn(1) }, 'milder ›');
  const shown = section(
    'struggled', 'Events that struggled',
    `${count(rows.length, 'event')} that did not go through at once, the worst first. Hover over a mark, or select it with the arrow keys.`,
    legend([
      ['good', 'dot', 'success'], ['retry', 'ring', 'asked for a retry'], ['bad', 'square', 'error or timeout'],
      ['deferred', 'diamond', 'put off by a limit'], ['bad', 'cross', 'dropped'], ['line', 'line', 'waiting'],
    ]),
    place,
    el('div', { class: 'pager' }, earlier, where, later),
  );
  let first = 0;
  let tracks = [];
  let chosen = null;
  let handle = null;

  const load = () => {
    tracks = rows.slice(first, first + ROWS).map((row) => ({ row, attempts: run.attemptsOf(row) }));
    chosen = null;
    replace(where, `${first + 1} to ${first + tracks.length} of ${rows.length.toLocaleString('en-US')}`);
    earlier.disabled = first === 0;
    later.disabled = first + ROWS >= rows.length;
  };
  const turn = (pages) => {
    first = Math.min(Math.max(0, first + pages * ROWS), Math.floor((rows.length - 1) / ROWS) * ROWS);
    load();
    handle.make();
  };
  load();

  const draw = () => {
    const wide = () => (innerWidth < 640 ? 84 : 150);
    handle = chart(
      place,
      () => ({
        axes: axes({
          splits: () => tracks.map((_, i) => i),
          values: () => tracks.map(({ row }) => label(run, row, innerWidth < 640 ? 10 : 20)),
          grid: { show: false },
        }, wide()),
        scales: { y: { dir: -1, range: () => [-0.6, Math.max(tracks.length, 1) - 0.4] } },
        series: [{}, { show: true, paths: () => null, points: { show: false } }],
        hooks: {
          draw: [(u) => paint(u, run, tracks, chosen)],
          setCursor: [(u) => hover(u)],
        },
      }),
      () => [[range.whole[0], range.whole[1]], [0, 0]],
      { height: () => Math.max(3, tracks.length) * ROW_HEIGHT + 44, range },
    );
    const tip = tooltip(place);
    const say = (u, track, attempt) => {
      const x = u.valToPos(attempt.at / 1000, 'x') + u.over.offsetLeft;
      const y = u.valToPos(tracks.indexOf(track), 'y');
      tip.show(describe(run, track.row, attempt), x, y);
    };
    const hover = (u) => {
      const { left, top } = u.cursor;
      if (left < 0 || left === undefined) return tip.hide();
      const found = nearest(u, tracks, left, top);
      place.style.cursor = found ? 'pointer' : '';
      return found ? say(u, ...found) : tip.hide();
    };
    const choose = (track, attempt) => {
      chosen = attempt;
      handle.plot.redraw(false, false);
      say(handle.plot, track, attempt);
    };
    place.addEventListener('click', (event) => {
      const u = handle.plot;
      const box = u.over.getBoundingClientRect();
      const i = Math.round(u.posToVal(event.clientY - box.top, 'y'));
      if (tracks[i] && event.clientY >= box.top && event.clientY <= box.bottom) open(tracks[i].row);
    });
    place.addEventListener('keydown', (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      const i = Math.max(0, tracks.findIndex((t) => t.attempts.includes(chosen)));
      if (event.key === 'Enter' && chosen) open(tracks[i].row);
      if (event.key === 'Escape') tip.hide();
      if (!step) return;
      event.preventDefault();
      const track = chosen ? tracks[Math.min(Math.max(0, i + step[0]), tracks.length - 1)] : tracks[0];
      const j = Math.max(0, track.attempts.indexOf(chosen));
      const next = Math.min(Math.max(0, j + step[1]), track.attempts.length - 1);
      if (track.attempts.length) choose(track, track.attempts[next]);
    });
    place.addEventListener('blur', () => tip.hide());
  };
  return [shown, draw];
}

function label(run, row, most) {
  const text = nameOf(run, row) || shortId(run.ids[row]);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function describe(run, row, attempt) {
  const who = nameOf(run, row) || shortId(run.ids[row]);
  const lines = [
    `${who} · ${run.text(run.events.place[row])}`,
    `${attempt.number ? `attempt ${attempt.number}` : 'delivery'} at ${instant(attempt.at)}: ${outcomeWords(attempt.outcome)}${attempt.took > 0 ? ` after ${span(attempt.took)}` : ''}`,
  ];
  if (attempt.refused) lines.push(`met ${attempt.refused}`);
  if (attempt.error) lines.push(attempt.error);
  if (attempt.due >= 0) lines.push(`again at ${instant(attempt.due)}, ${span(attempt.due - attempt.at - attempt.took)} later`);
  lines.push(`${stateOf(run, row)}${run.events.reason[row] >= 0 ? ` (${words(run.text(run.events.reason[row]))})` : ''}`);
  return lines;
}

function nearest(u, tracks, left, top) {
  const i = Math.round(u.posToVal(top, 'y'));
  const track = tracks[i];
  if (!track) return null;
  let best = null;
  let least = 14;
  for (const attempt of track.attempts) {
    const from = u.valToPos(attempt.at / 1000, 'x');
    const to = u.valToPos((attempt.at + attempt.took) / 1000, 'x');
    const away = left < from ? from - left : left > to ? left - to : 0;
    if (away < least) [best, least] = [attempt, away];
  }
  return best ? [track, best] : null;
}

function paint(u, run, tracks, chosen) {
  const { ctx } = u;
  const dpr = devicePixelRatio;
  const { left, top, width, height } = u.bbox;
  const shades = Object.fromEntries(['good', 'retry', 'bad', 'deferred', 'first', 'dim', 'line', 'text', 'card'].map((n) => [n, colour(n)]));
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
      ctx.strokeStyle = shades.line;
      ctx.beginPath();
      ctx.moveTo(x(attempt.at + attempt.took), y);
      ctx.lineTo(x(attempt.due), y);
      ctx.stroke();
    }
    for (const attempt of attempts) mark(ctx, attempt, x(attempt.at), x(attempt.at + attempt.took), y, dpr, shades, attempt === chosen);
    if (run.events.state[row] === DROPPED) cross(ctx, x(run.events.at[row] + run.events.age[row]) + 7 * dpr, y, 4 * dpr, shades.bad, dpr);
  });
  ctx.restore();
}

function mark(ctx, attempt, from, to, y, dpr, shades, chosen) {
  const kind = kindOf(attempt);
  const r = 4.5 * dpr;
  ctx.fillStyle = shades[kind];
  ctx.strokeStyle = shades[kind];
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
    ctx.fillStyle = shades.card;
    ctx.fill();
    ctx.stroke();
  } else ctx.fill();
  if (chosen) {
    ctx.strokeStyle = shades.text;
    ctx.beginPath();
    ctx.arc(at, y, r + 4 * dpr, 0, 2 * Math.PI);
    ctx.stroke();
  }
}

function cross(ctx, x, y, r, stroke, dpr) {
  ctx.strokeStyle = stroke;
  ctx.lineWidth = 2.5 * dpr;
  ctx.beginPath();
  ctx.moveTo(x - r, y - r);
  ctx.lineTo(x + r, y + r);
  ctx.moveTo(x + r, y - r);
  ctx.lineTo(x - r, y + r);
  ctx.stroke();
}
