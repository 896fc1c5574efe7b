// Charts of attempts over time with the capacity of the limits, and of the use of each limit.

import uPlot from 'uplot';
import { useState } from 'preact/hooks';
import { axes, colour, drawBands, drawLimitLines, drawOverflowLabels, isNarrow, LIMIT_MARGIN, limitColour, useChart } from './charts.js';
import { durationText } from './duration.js';
import { Legend, Section } from './elements.jsx';
import { count, number } from './format.js';
import { axisLabel, offsetText } from './offset.js';

const sum = (values) => values.reduce((a, b) => a + b, 0);

export function AttemptsOverTime({ run, range }) {
  const steps = run.over_time;
  const [isChosenCut, setCut] = useState(null);
  const wave = waveOf(run);
  const isHigh = wave.maxHeight > wave.usualHeight * 3;
  wave.isCut = isHigh && (isChosenCut ?? true);
  const [box] = useChart(wave, wave.width, attemptsChart, range);
  const total = (name) => number(sum(steps[name]));
  return (
    <Section id="over-time" title="Attempts over time">
      <div class="card">
        <Legend entries={[
          ['first', 'column', `first attempts ${total('first')}`],
          ['retry', 'column', `retries ${total('retries')}`],
          sum(steps.refusals) > 0 && ['bad', 'band', `a limit refused ${total('refusals')}`],
          sum(steps.deferrals) > 0 && ['deferred', 'line', `put off ${total('deferrals')}`],
          ...wave.limits.map((limit) => [limit.colour, 'dash', limit.label]),
        ]} />
        {isHigh && <p><button type="button" aria-pressed={String(wave.isCut)} onClick={() => setCut(!wave.isCut)}>cut the first burst</button></p>}
        <div class="plot" ref={box} />
        <p class="note">Each column is {durationText(steps.width_ms)}.{wave.limits.length > 0 && ' A dashed line is how many attempts a limit lets through in that time; only limits that refused something are drawn.'}</p>
      </div>
    </Section>
  );
}

// What the chart draws: columns, limits and how high they are.
function waveOf(run) {
  const steps = run.over_time;
  const width = steps.width_ms / 1000;
  const x = steps.first.map((_, i) => steps.start / 1000 + i * width);
  const stacked = steps.first.map((n, i) => n + steps.retries[i]);
  const [usualHeight, maxHeight] = columnHeights(steps, stacked);
  const limits = run.capacity.map((c, i) => ({
    name: c.name, perStep: c.per_minute * (width / 60), label: capacityLabel(run, c), colour: limitColour(i),
  }));
  return { steps, width, x, stacked, usualHeight, maxHeight, limits, isCut: false };
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

function attemptsChart(state, tip) {
  const bars = (fill) => ({ stroke: fill, fill, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.92, 60, 1], align: 0 }) });
  const hover = (u) => {
    const { steps, x, width } = state.current;
    const i = u.cursor.idx;
    if (i === null || i === undefined || u.cursor.left < 0) return tip.hide();
    const lines = [
      `${axisLabel(x[i])} to ${axisLabel(x[i] + width)}`,
      `first attempts: ${number(steps.first[i])}`,
      `retries: ${number(steps.retries[i])}`,
      `refused: ${number(steps.refusals[i])}`,
    ];
    if (steps.deferrals[i]) lines.push(`put off: ${number(steps.deferrals[i])}`);
    return tip.show(lines, u.cursor.left + u.over.offsetLeft, u.cursor.top);
  };
  return {
    options: () => ({
      padding: [10, isNarrow() ? 8 : LIMIT_MARGIN, 0, 0],
      axes: axes({ label: isNarrow() ? undefined : `attempts per ${durationText(state.current.steps.width_ms)}`, labelSize: 18, stroke: colour('dim'), labelFont: '12px system-ui, sans-serif' }),
      scales: {
        y: {
          range: () => {
            const { limits, isCut, usualHeight, maxHeight } = state.current;
            return [0, Math.max(1, ...limits.map((c) => c.perStep * 1.2), (isCut ? usualHeight : maxHeight) * (isCut ? 1.25 : 1.05))];
          },
        },
      },
      series: [{}, bars(colour('retry')), bars(colour('first')), { stroke: colour('deferred'), width: 1.5, points: { show: false } }],
      hooks: {
        drawAxes: [(u) => drawBands(u, state.current.x, state.current.steps.refusals, state.current.width, colour('bad-soft'))],
        draw: [
          (u) => drawBands(u, state.current.x, state.current.steps.refusals, state.current.width, colour('bad'), 3),
          (u) => drawLimitLines(u, state.current.limits.map((c) => ({ value: c.perStep, text: isNarrow() ? '' : number(c.perStep), stroke: colour(c.colour) }))),
          (u) => {
            const { isCut, stacked, x, width } = state.current;
            const isOver = (n) => isCut && n > u.scales.y.max;
            drawOverflowLabels(u, stacked.flatMap((n, i) => (isOver(n) ? [[x[i] + width, n]] : [])), colour('dim'));
          },
        ],
        setCursor: [hover],
      },
    }),
    data: () => {
      const { steps, x, width, stacked } = state.current;
      const deferrals = steps.deferrals.some(Boolean) ? steps.deferrals : steps.deferrals.map(() => null);
      return [x.map((at) => at + width / 2), stacked, steps.first, deferrals];
    },
    height: () => (isNarrow() ? 220 : 260),
  };
}

export function LimitUsage({ run, range }) {
  return (
    <Section
      id="limits" title="How much of each limit was used"
      note={run.usage.length ? 'The highest use within each step; of a limit that holds for single keys, that of the key that used most. Red: it refused something or put it off.' : 'Nothing that is limited was used.'}
    >
      <div class="cards">{run.usage.map((series, i) => <UsageCard key={series.name} run={run} series={series} range={range} colourName={limitColour(i)} />)}</div>
    </Section>
  );
}

function UsageCard({ run, series, range, colourName }) {
  const total = run.summary.limits.find((u) => u.name === series.name);
  const peak = series.peaks.reduce((a, b) => Math.max(a, b), 0);
  const hits = sum(series.hits);
  const [box] = useChart({ series, colourName }, series.width_ms, usageChart, range);
  return (
    <div class="card usage">
      <h3>{series.label} <small>{series.unit}</small></h3>
      <p class="figures">
        <span>peak {number(peak)}</span>
        {total && series.per === 'installation' && <span>mean {number(total.mean)}</span>}
        {run.live && total && series.per === 'installation' && <span class="now">now {number(total.used)}</span>}
        <span>{series.limit === null ? 'no limit' : `limit ${number(series.limit)}`}</span>
        <span class={hits ? 'is-bad' : ''}>{hits ? `reached ${count(hits, 'time')}` : 'never reached'}</span>
      </p>
      <div class="plot" ref={box} />
    </div>
  );
}

function usageChart(state, tip) {
  const width = () => state.current.series.width_ms / 1000;
  const x = () => state.current.series.peaks.map((_, i) => state.current.series.start / 1000 + i * width());
  const hover = (u) => {
    const { series } = state.current;
    const i = u.cursor.idx;
    if (i === null || i === undefined || u.cursor.left < 0) return tip.hide();
    const lines = [offsetText(u.data[0][i] * 1000), `used: ${number(series.peaks[i])} ${series.unit}`];
    if (series.hits[i]) lines.push(`reached ${count(series.hits[i], 'time')}`);
    return tip.show(lines, u.cursor.left + u.over.offsetLeft, u.cursor.top);
  };
  const highest = (max) => {
    const { series } = state.current;
    return Math.max(series.per === 'installation' ? 1 : 0.01, series.limit !== null && series.limit < max * 4 ? series.limit * 1.15 : 0, max * 1.1);
  };
  return {
    options: () => ({
      padding: [8, LIMIT_MARGIN, 0, 0],
      axes: axes({}),
      scales: { y: { range: (_, min, max) => [0, highest(max)] } },
      series: [{}, { stroke: colour('first'), fill: colour('first-soft'), width: 1.5, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) }],
      hooks: {
        drawAxes: [(u) => drawBands(u, u.data[0], state.current.series.hits, width(), colour('bad-soft'))],
        draw: [(u) => {
          const { series: { limit }, colourName } = state.current;
          if (limit !== null) drawLimitLines(u, [{ value: limit, text: number(limit), stroke: colour(colourName) }]);
        }],
        setCursor: [hover],
      },
    }),
    data: () => [x(), state.current.series.peaks],
    height: () => 170,
  };
}
