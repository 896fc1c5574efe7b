// Charts of attempts over time with the capacity of the limits, and of the use of each limit.

import uPlot from 'uplot';
import { axes, drawBands, chart, colour, drawOverflowLabel, drawLimitLine, tooltip } from './charts.js';
import { el, section } from './dom.js';
import { durationText } from './duration.js';
import { count, number } from './format.js';
import { axisLabel, offsetText } from './offset.js';

const isNarrow = () => innerWidth < 640;

export function attemptsOverTime(run, range) {
  const steps = run.over_time;
  const width = steps.width_ms / 1000;
  const x = steps.first.map((_, i) => (steps.start / 1000) + i * width);
  const middle = x.map((at) => at + width / 2);
  const stacked = steps.first.map((n, i) => n + steps.retries[i]);
  const total = (name) => steps[name].reduce((a, b) => a + b, 0);
  const container = el('div', { class: 'card' });
  const [usualHeight, maxHeight] = columnHeights(steps, stacked);
  let isCut = maxHeight > usualHeight * 3;
  const toggle = el('button', { type: 'button', 'aria-pressed': String(isCut), onclick: () => toggleCut() }, 'cut the first burst');
  const sectionElement = section(
    'over-time', 'Attempts over time',
    `Each column is ${durationText(steps.width_ms)}. Dashed lines are what a limit that was met carries in that time.`,
    legend([
      ['first', 'column', `first attempts ${number(total('first'))}`],
      ['retry', 'column', `retries ${number(total('retries'))}`],
      ['bad', 'line', `refused ${number(total('refusals'))}`],
      total('deferrals') > 0 && ['deferred', 'line', `deferred ${number(total('deferrals'))}`],
    ]),
    isCut && el('p', {}, toggle),
    container,
  );
  let toggleCut = () => {};
  const capacity = run.capacity.map((c) => ({ ...c, per_step: c.per_minute * (width / 60), label: capacityLabel(run, c) }));
  const draw = () => {
    const bars = (fill) => ({ stroke: fill, fill, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.92, 60, 1], align: 0 }) });
    const line = (stroke) => ({ stroke, width: 1.5, points: { show: false } });
    const handle = chart(
      container,
      () => ({
        axes: axes({ label: isNarrow() ? undefined : `attempts per ${durationText(steps.width_ms)}`, labelSize: 18, stroke: colour('dim'), labelFont: '12px system-ui, sans-serif' }),
        scales: { y: { range: () => [0, Math.max(1, ...capacity.map((c) => c.per_step * 1.2), (isCut ? usualHeight : maxHeight) * (isCut ? 1.25 : 1.05))] } },
        series: [{}, bars(colour('retry')), bars(colour('first')), line(colour('bad')), line(colour('deferred'))],
        hooks: {
          draw: [
            (u) => capacity.forEach((c, i) => drawLimitLine(u, c.per_step, isNarrow() ? '' : c.label, colour('limit'), i % 2 ? 'left' : 'right')),
            (u) => isCut && stacked.forEach((n, i) => n > u.scales.y.max && drawOverflowLabel(u, x[i] + width, n, colour('dim'))),
          ],
          setCursor: [(u) => hover(u)],
        },
      }),
      () => [middle, stacked, steps.first, steps.refusals, total('deferrals') ? steps.deferrals : steps.deferrals.map(() => null)],
      { height: () => (isNarrow() ? 220 : 300), range },
    );
    toggleCut = () => {
      isCut = !isCut;
      toggle.setAttribute('aria-pressed', String(isCut));
      handle.updateData();
    };
    const tip = tooltip(handle.box);
    const hover = (u) => {
      const i = u.cursor.idx;
      if (i === null || i === undefined || u.cursor.left < 0) return tip.hide();
      const lines = [
        `${axisLabel(x[i])} to ${axisLabel(x[i] + width)}`,
        `first attempts: ${number(steps.first[i])}`,
        `retries: ${number(steps.retries[i])}`,
        `refused: ${number(steps.refusals[i])}`,
      ];
      if (steps.deferrals[i]) lines.push(`deferred: ${number(steps.deferrals[i])}`);
      return tip.show(lines, u.cursor.left + u.over.offsetLeft, u.cursor.top);
    };
  };
  const notes = el('ul', { class: 'note' }, capacity.map((c) => el('li', {}, c.label)));
  if (capacity.length) sectionElement.append(notes);
  return [sectionElement, draw];
}

// The highest column after the first burst, and the highest of all. Events that are sent at once make
// a first column so high that the retries would not be visible.
function columnHeights(steps, stacked) {
  const all = stacked.map((n, i) => Math.max(n, steps.refusals[i], steps.deferrals[i]));
  const burstColumns = Math.max(2, Math.ceil(all.length * 0.02));
  return [Math.max(1, ...all.slice(burstColumns)), Math.max(1, ...all)];
}

function capacityLabel(run, c) {
  const limitUsage = run.usage.find((u) => u.name === c.name);
  const attempts = limitUsage?.calls ?? 'calls';
  const limit = limitUsage ? `${number(limitUsage.limit)} ${limitUsage.unit}` : c.name;
  const isSameAsLimit = limitUsage && Math.abs(limitUsage.limit - c.per_minute) < 0.01;
  return isSameAsLimit ? `${limit} (${limitUsage.label.toLowerCase()})` : `${limit}: about ${number(c.per_minute)} ${attempts} a minute`;
}

export function legend(entries) {
  return el(
    'ul', { class: 'legend' },
    entries.filter(Boolean).map(([name, shape, text]) =>
      el('li', {}, el('span', { class: `swatch ${shape} c-${name}`, 'aria-hidden': 'true' }), text)),
  );
}

export function limitUsage(run, range) {
  const cards = run.usage.map((series) => usageCard(run, series, range));
  const sectionElement = section(
    'limits', 'Use of each limit',
    cards.length ? 'The highest use within each step, counted with the limit’s own window; of a limit of single keys, that of the key that used most. Red: it refused or deferred something.' : 'Nothing that is limited was used.',
    el('div', { class: 'cards' }, cards.map(([card]) => card)),
  );
  return [sectionElement, () => cards.forEach(([, draw]) => draw())];
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
      total && series.per === 'installation' && el('span', {}, `mean ${number(total.mean)}`),
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
        scales: { y: { range: (_, min, max) => [0, Math.max(series.per === 'installation' ? 1 : 0.01, series.limit !== null && series.limit < max * 4 ? series.limit * 1.15 : 0, max * 1.1)] } },
        series: [{}, { stroke: colour('first'), fill: colour('first-soft'), width: 1.5, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) }],
        hooks: {
          drawAxes: [(u) => drawBands(u, x, series.hits, width, colour('bad-soft'))],
          draw: [(u) => series.limit !== null && drawLimitLine(u, series.limit, `${number(series.limit)} ${series.unit}`, colour('limit'))],
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
      const lines = [offsetText(x[i] * 1000), `used: ${number(series.peaks[i])} ${series.unit}`];
      if (series.hits[i]) lines.push(count(series.hits[i], 'hit'));
      return tip.show(lines, u.cursor.left + u.over.offsetLeft, u.cursor.top);
    };
  };
  return [card, draw];
}
