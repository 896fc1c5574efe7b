// Attempts over time with what the limits carry, and the use of each limit.

import uPlot from 'uplot';
import { axes, bands, chart, colour, overflow, rule, tooltip } from './charts.js';
import { el, section } from './dom.js';
import { count, instant, mark, number, span } from './format.js';

const narrow = () => innerWidth < 640;

export function overTime(run, range) {
  const steps = run.over_time;
  const width = steps.width_ms / 1000;
  const x = steps.first.map((_, i) => (steps.start / 1000) + i * width);
  const middle = x.map((at) => at + width / 2);
  const stacked = steps.first.map((n, i) => n + steps.retries[i]);
  const total = (name) => steps[name].reduce((a, b) => a + b, 0);
  const place = el('div', { class: 'card' });
  const [usual, highest] = heights(steps, stacked);
  let cut = highest > usual * 3;
  const toggle = el('button', { type: 'button', 'aria-pressed': String(cut), onclick: () => press() }, 'cut the first burst');
  const shown = section(
    'over-time', 'Attempts over time',
    `Each column is ${span(steps.width_ms)}. Dashed lines are what a limit that was met carries in that time.`,
    legend([
      ['first', 'column', `first attempts ${number(total('first'))}`],
      ['retry', 'column', `retries ${number(total('retries'))}`],
      ['bad', 'line', `refused ${number(total('refusals'))}`],
      total('deferrals') > 0 && ['deferred', 'line', `deferred ${number(total('deferrals'))}`],
    ]),
    cut && el('p', {}, toggle),
    place,
  );
  let press = () => {};
  const capacity = run.capacity.map((c) => ({ ...c, per_step: c.per_minute * (width / 60), words: fits(run, c) }));
  const draw = () => {
    const bars = (fill) => ({ stroke: fill, fill, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.92, 60, 1], align: 0 }) });
    const line = (stroke) => ({ stroke, width: 1.5, points: { show: false } });
    const handle = chart(
      place,
      () => ({
        axes: axes({ label: narrow() ? undefined : `attempts per ${span(steps.width_ms)}`, labelSize: 18, stroke: colour('dim'), labelFont: '12px system-ui, sans-serif' }),
        scales: { y: { range: () => [0, Math.max(1, ...capacity.map((c) => c.per_step * 1.2), (cut ? usual : highest) * (cut ? 1.25 : 1.05))] } },
        series: [{}, bars(colour('retry')), bars(colour('first')), line(colour('bad')), line(colour('deferred'))],
        hooks: {
          draw: [
            (u) => capacity.forEach((c, i) => rule(u, c.per_step, narrow() ? '' : c.words, colour('limit'), i % 2 ? 'left' : 'right')),
            (u) => cut && stacked.forEach((n, i) => n > u.scales.y.max && overflow(u, x[i] + width, n, colour('dim'))),
          ],
          setCursor: [(u) => hover(u)],
        },
      }),
      () => [middle, stacked, steps.first, steps.refusals, total('deferrals') ? steps.deferrals : steps.deferrals.map(() => null)],
      { height: () => (narrow() ? 220 : 300), range },
    );
    press = () => {
      cut = !cut;
      toggle.setAttribute('aria-pressed', String(cut));
      handle.renew();
    };
    const tip = tooltip(handle.box);
    const hover = (u) => {
      const i = u.cursor.idx;
      if (i === null || i === undefined || u.cursor.left < 0) return tip.hide();
      const lines = [
        `${mark(x[i])} to ${mark(x[i] + width)}`,
        `first attempts: ${number(steps.first[i])}`,
        `retries: ${number(steps.retries[i])}`,
        `refused: ${number(steps.refusals[i])}`,
      ];
      if (steps.deferrals[i]) lines.push(`deferred: ${number(steps.deferrals[i])}`);
      return tip.show(lines, u.cursor.left + u.over.offsetLeft, u.cursor.top);
    };
  };
  const notes = el('ul', { class: 'note' }, capacity.map((c) => el('li', {}, c.words)));
  if (capacity.length) shown.append(notes);
  return [shown, draw];
}

// The highest column after the first burst, and the highest of all. Events that are sent at once make
// a first column beside which the retries, which the picture is about, would not be seen.
function heights(steps, stacked) {
  const all = stacked.map((n, i) => Math.max(n, steps.refusals[i], steps.deferrals[i]));
  const burst = Math.max(2, Math.ceil(all.length * 0.02));
  return [Math.max(1, ...all.slice(burst)), Math.max(1, ...all)];
}

function fits(run, c) {
  const usage = run.usage.find((u) => u.name === c.name);
  const what = {
    'limits.push.events_per_minute': 'pushed events', 'limits.kvs.write_units_per_minute': 'writes',
    'limits.kvs.read_units_per_minute': 'reads', 'limits.invocations.per_minute': 'invocations',
  }[c.name] ?? 'calls';
  const limit = usage ? `${number(usage.limit)} ${usage.unit}` : c.name;
  const same = usage && Math.abs(usage.limit - c.per_minute) < 0.01;
  return same ? `${limit} (${usage.label.toLowerCase()})` : `${limit}: about ${number(c.per_minute)} ${what} a minute`;
}

export function legend(entries) {
  return el(
    'ul', { class: 'legend' },
    entries.filter(Boolean).map(([name, shape, text]) =>
      el('li', {}, el('span', { class: `swatch ${shape} c-${name}`, 'aria-hidden': 'true' }), text)),
  );
}

export function usage(run, range) {
  const cards = run.usage.map((series) => usageCard(run, series, range));
  const shown = section(
    'limits', 'Use of each limit',
    cards.length ? 'The highest use within each step, counted with the limit’s own window. Red: it refused or deferred something.' : 'Nothing that is limited was used.',
    el('div', { class: 'cards' }, cards.map(([card]) => card)),
  );
  return [shown, () => cards.forEach(([, draw]) => draw())];
}

function usageCard(run, series, range) {
  const total = run.summary.limits.find((u) => u.name === series.name);
  const peak = series.peaks.reduce((a, b) => Math.max(a, b), 0);
  const hits = series.hits.reduce((a, b) => a + b, 0);
  const limit = series.limit === null ? 'no limit' : `limit ${number(series.limit)}`;
  const card = el(
    'div', { class: 'card usage' },
    el('h3', {}, series.label, ' ', el('small', {}, series.unit)),
    el('p', { class: 'figures' },
      el('span', {}, `peak ${number(peak)}`),
      total && el('span', {}, `mean ${number(total.mean)}`),
      el('span', {}, limit),
      el('span', { class: hits ? 'is-bad' : '' }, hits ? `${count(hits, 'hit')}` : 'never met')),
  );
  const width = series.width_ms / 1000;
  const x = series.peaks.map((_, i) => series.start / 1000 + i * width);
  const draw = () => {
    const handle = chart(
      card,
      () => ({
        axes: axes({}),
        scales: { y: { range: (_, min, max) => [0, Math.max(1, series.limit !== null && series.limit < max * 4 ? series.limit * 1.15 : 0, max * 1.1)] } },
        series: [{}, { stroke: colour('first'), fill: colour('first-soft'), width: 1.5, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) }],
        hooks: {
          drawAxes: [(u) => bands(u, x, series.hits, width, colour('bad-soft'))],
          draw: [(u) => series.limit !== null && rule(u, series.limit, `${number(series.limit)} ${series.unit}`, colour('limit'))],
          setCursor: [(u) => hover(u)],
        },
      }),
      () => [x, series.peaks],
      { height: () => 170, range },
    );
    const tip = tooltip(handle.box);
    const hover = (u) => {
      const i = u.cursor.idx;
      if (i === null || i === undefined || u.cursor.left < 0) return tip.hide();
      const lines = [instant(x[i] * 1000), `used: ${number(series.peaks[i])} ${series.unit}`];
      if (series.hits[i]) lines.push(count(series.hits[i], 'hit'));
      return tip.show(lines, u.cursor.left + u.over.offsetLeft, u.cursor.top);
    };
  };
  return [card, draw];
}
