import { TimeRange } from './charts.js';
import { el } from './dom.js';
import { eventList } from './event_list.js';
import { advice, counts, footer, header, missingAnswers, tiles, verdict } from './overview.js';
import { attemptsOverTime, limitUsage } from './time_charts.js';
import { readRun } from './run.js';
import { timeline } from './timeline.js';

const given = JSON.parse(document.getElementById('run').textContent);
if (given.live) readFirstLine('/v1/page').then((found) => show(readRun({ ...given, ...found })));
else show(readRun(given));

function show(run) {
  document.title = `${run.about.app_name || run.about.app_id} · forge-emu report`;

  // Padding on both sides, so that no mark is on the edge.
  const padding = Math.max((run.last - run.first) / 1000, 1) * 0.012;
  const range = new TimeRange(run.first / 1000 - padding, run.last / 1000 + padding);
  const [countsSection, drawCounts] = counts(run);
  const [overTimeSection, drawOverTime] = attemptsOverTime(run, range);
  const [usageSection, drawUsage] = limitUsage(run, range);
  const [eventsSection, drawEvents, openEvent] = eventList(run);
  const [timelineSection, drawTimeline] = timeline(run, range, openEvent);

  const sections = [['summary', 'Summary'], ['advice', 'Advice'], ['over-time', 'Over time'], ['limits', 'Limits'], ['struggled', 'Struggled'], ['events', 'Events']];
  const zoomButton = (text, name, onClick) => el('button', { type: 'button', title: name, 'aria-label': name, onclick: onClick }, text);
  const resetButton = zoomButton('all', 'Show all of the time', () => range.reset());

  document.getElementById('page').append(
    el('a', { class: 'skip', href: '#events' }, 'Skip to the events'),
    header(run),
    el('nav', { 'aria-label': 'Sections' },
      el('div', { class: 'links' }, sections.map(([id, text]) => el('a', { href: `#${id}` }, text))),
      el('div', { class: 'zoom', role: 'group', 'aria-label': 'Time shown by the charts' },
        zoomButton('◂', 'Earlier', () => range.move(-0.4)), zoomButton('−', 'Zoom out', () => range.zoom(2)),
        zoomButton('+', 'Zoom in', () => range.zoom(0.5)), zoomButton('▸', 'Later', () => range.move(0.4)), resetButton)),
    el('main', {}, verdict(run), tiles(run), missingAnswers(run), advice(run), overTimeSection, usageSection, timelineSection, countsSection, eventsSection),
    footer(run),
  );

  for (const draw of [drawOverTime, drawUsage, drawTimeline, drawCounts, drawEvents]) draw();
  document.documentElement.dataset.ready = 'yes';
}

// The first line of a stream has everything up to now.
async function readFirstLine(path) {
  const reader = (await fetch(path)).body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('\n')) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  reader.cancel();
  return JSON.parse(text.slice(0, text.indexOf('\n')));
}
