import { Range } from './charts.js';
import { el } from './dom.js';
import { events } from './list.js';
import { advice, counts, footer, header, tiles } from './overview.js';
import { overTime, usage } from './overtime.js';
import { readRun } from './run.js';
import { timeline } from './timeline.js';

const run = readRun(document.getElementById('run').textContent);
document.title = `${run.about.app_name || run.about.app_id} · forge-emu report`;

// A little room on both sides, so that no mark lies on the edge.
const room = Math.max((run.last - run.first) / 1000, 1) * 0.012;
const range = new Range(run.first / 1000 - room, run.last / 1000 + room);
const [countsSection, drawCounts] = counts(run);
const [overTimeSection, drawOverTime] = overTime(run, range);
const [usageSection, drawUsage] = usage(run, range);
const [eventsSection, drawEvents, open] = events(run);
const [timelineSection, drawTimeline] = timeline(run, range, open);

const links = [['summary', 'Summary'], ['advice', 'Advice'], ['over-time', 'Over time'], ['limits', 'Limits'], ['struggled', 'Struggled'], ['events', 'Events']];
const step = (text, name, act) => el('button', { type: 'button', title: name, 'aria-label': name, onclick: act }, text);
const whole = step('all', 'Show all of the time', () => range.reset());

document.getElementById('page').append(
  el('a', { class: 'skip', href: '#events' }, 'Skip to the events'),
  header(run),
  el('nav', { 'aria-label': 'Sections' },
    el('div', { class: 'links' }, links.map(([id, text]) => el('a', { href: `#${id}` }, text))),
    el('div', { class: 'zoom', role: 'group', 'aria-label': 'Time shown by the charts' },
      step('◂', 'Earlier', () => range.move(-0.4)), step('−', 'Zoom out', () => range.scale(2)),
      step('+', 'Zoom in', () => range.scale(0.5)), step('▸', 'Later', () => range.move(0.4)), whole)),
  el('main', {}, tiles(run), advice(run), overTimeSection, usageSection, timelineSection, countsSection, eventsSection),
  footer(run),
);

for (const draw of [drawOverTime, drawUsage, drawTimeline, drawCounts, drawEvents]) draw();
document.documentElement.dataset.ready = 'yes';
