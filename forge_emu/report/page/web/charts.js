// What all charts share: colours of the theme, a time axis, and one range of time.

import uPlot from 'uplot';
import { useEffect, useRef } from 'preact/hooks';
import { number } from './format.js';
import { axisLabel } from './offset.js';

const INCREMENTS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
];
const FONT = '12px system-ui, sans-serif';

export const isNarrow = () => innerWidth < 640;

export const darkScheme = matchMedia('(prefers-color-scheme: dark)');
const charts = new Set();

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Each limit of a chart has a colour of its own.
export const limitColour = (i) => `limit-${(i % 4) + 1}`;

export function axes(left, size = 56) {
  const line = { stroke: colour('line'), width: 1 };
  return [
    {
      stroke: colour('dim'), grid: line, ticks: { ...line, size: 4 }, font: FONT, size: 30, gap: 4,
      incrs: INCREMENTS, space: 64, values: (_, splits) => splits.map(axisLabel),
    },
    {
      stroke: colour('dim'), grid: line, ticks: { show: false }, font: FONT, size, gap: 6,
      values: (_, splits) => splits.map((v) => (v === null ? '' : number(v))), ...left,
    },
  ];
}

// A chart that fills its container, follows the theme and, if `range` is given, the common range.
// `options` is called again when the colours change, and when the window becomes narrow or wide.
function chart(box, options, data, height, range) {
  let plot = null;
  let wasNarrow;
  const width = () => Math.max(200, Math.floor(box.clientWidth));
  const render = () => {
    plot?.destroy();
    wasNarrow = isNarrow();
    const config = options();
    const scales = range ? { ...config.scales, x: { time: false, range: () => range.shown } } : config.scales;
    const cursor = { y: false, drag: { x: Boolean(range), y: false, setScale: false }, points: { show: false }, ...config.cursor };
    const hooks = { ...config.hooks };
    if (range) {
      hooks.setSelect = [
        (u) => {
          if (u.select.width > 4) {
            range.show(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
          }
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ];
    }
    plot = new uPlot({ legend: { show: false }, ...config, scales, cursor, hooks, width: width(), height: height() }, data(), box);
  };
  render();
  const fit = () => {
    if (isNarrow() !== wasNarrow) render();
    else if (width() !== plot.width || height() !== plot.height) plot.setSize({ width: width(), height: height() });
  };
  const observer = new ResizeObserver(fit);
  observer.observe(box);
  const onRange = ([min, max]) => plot.setScale('x', { min, max });
  const onDoubleClick = () => range?.reset();
  if (range) {
    box.addEventListener('dblclick', onDoubleClick);
    range.listeners.add(onRange);
  }
  const handle = {
    box, render, get plot() { return plot; },
    updateData: () => { plot.setData(data()); fit(); },
    destroy: () => {
      observer.disconnect();
      range?.listeners.delete(onRange);
      box.removeEventListener('dblclick', onDoubleClick);
      charts.delete(handle);
      plot.destroy();
    },
  };
  charts.add(handle);
  return handle;
}

darkScheme.addEventListener('change', () => {
  for (const handle of charts) handle.render();
});

// A chart as a component. `spec(tip)` gives its options, data and height, and is made once: it reads
// what it draws from `state.current`, which is `value`. `shape` of another value draws it anew.
export function useChart(value, shape, spec, range = null) {
  const box = useRef(null);
  const state = useRef(value);
  const handle = useRef(null);
  state.current = value;
  useEffect(() => {
    const tip = tooltip(box.current);
    const { options, data, height } = spec(state, tip, handle);
    handle.current = chart(box.current, options, data, height, range);
    return () => {
      handle.current.destroy();
      tip.remove();
    };
  }, [shape, range]);
  useEffect(() => { handle.current?.updateData(); }, [value]);
  return [box, handle];
}

// Draws a dashed line across the chart for each limit, `{value, text, stroke}`, with its number in the
// margin at the right. Numbers that would lie over each other are moved apart.
export function drawLimitLines(u, limits) {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const dpr = devicePixelRatio;
  const lines = limits
    .map((limit) => ({ ...limit, y: Math.round(u.valToPos(limit.value, 'y', true)) + 0.5 }))
    .filter(({ y }) => y >= top - 1 && y <= top + height + 1)
    .sort((one, other) => one.y - other.y);
  let least = -Infinity;
  ctx.save();
  ctx.lineWidth = 1.5 * dpr;
  ctx.setLineDash([6 * dpr, 4 * dpr]);
  ctx.font = `600 ${11 * dpr}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  for (const { y, text, stroke } of lines) {
    ctx.strokeStyle = stroke;
    ctx.fillStyle = stroke;
    ctx.beginPath();
    ctx.moveTo(left, y);
    ctx.lineTo(left + width, y);
    ctx.stroke();
    least = Math.max(y, least + 12 * dpr);
    ctx.fillText(text, left + width + 5 * dpr, least);
  }
  ctx.restore();
}

// Pixels at the right of a chart for the numbers of its limits.
export const LIMIT_MARGIN = 52;

// Draws the values of columns that are cut off at the top, `[x, value]` each, where there is room.
export function drawOverflowLabels(u, columns, fill) {
  const { ctx } = u;
  const { left, top, width } = u.bbox;
  const dpr = devicePixelRatio;
  ctx.save();
  ctx.font = `600 ${11 * dpr}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.fillStyle = fill;
  ctx.strokeStyle = colour('card');
  ctx.lineWidth = 3 * dpr;
  let free = left;
  for (const [x, value] of columns) {
    const text = `${number(value)} ↑`;
    const extent = ctx.measureText(text).width;
    const edge = u.valToPos(x, 'x', true) + 5 * dpr;
    const at = Math.min(edge, left + width - extent - 2 * dpr);
    if (edge < left || edge > left + width || at < free) continue;
    ctx.strokeText(text, at, top + 5 * dpr);
    ctx.fillText(text, at, top + 5 * dpr);
    free = at + extent + 6 * dpr;
  }
  ctx.restore();
}

// Draws columns where something was refused: translucent ones over all of the height, or strips of so
// many pixels at the top, which no bar hides.
export function drawBands(u, x, hits, width, fill, pixels = Infinity) {
  const { ctx } = u;
  const { left, top, width: extent } = u.bbox;
  const height = Math.min(u.bbox.height, pixels * devicePixelRatio);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, extent, height);
  ctx.clip();
  ctx.fillStyle = fill;
  for (let i = 0; i < x.length; i += 1) {
    if (!hits[i]) continue;
    const from = u.valToPos(x[i], 'x', true);
    const to = u.valToPos(x[i] + width, 'x', true);
    ctx.fillRect(from, top, Math.max(to - from, 1), height);
  }
  ctx.restore();
}

// A tooltip that is shown at the pointer or at a mark.
function tooltip(box) {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('role', 'status');
  tip.hidden = true;
  box.append(tip);
  return {
    show(lines, x, y) {
      tip.replaceChildren(...lines.map((line) => {
        const row = document.createElement('div');
        row.textContent = line;
        return row;
      }));
      tip.hidden = false;
      const left = Math.min(Math.max(x + 12, 4), Math.max(4, box.clientWidth - tip.offsetWidth - 4));
      tip.style.left = `${left}px`;
      tip.style.top = `${y + 14}px`;
    },
    hide() { tip.hidden = true; },
    remove() { tip.remove(); },
  };
}
