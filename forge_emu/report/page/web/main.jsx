// The page: of a finished run, whose data it carries, or of a running emulator, which it follows.

import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { EventList } from './event_list.jsx';
import { pacedDrawing } from './live/pace.js';
import { followEmulator } from './live/stream.js';
import { LiveBar } from './live/live_bar.jsx';
import { Store } from './live/store.jsx';
import { TriggerForm } from './live/trigger_form.jsx';
import { Advice, Footer, Header, MissingAnswers, Tiles, Totals, Verdict } from './overview.jsx';
import { queueNames, Queues } from './tables/queues.jsx';
import { Run } from './run.js';
import { AttemptsOverTime, LimitUsage } from './time_charts.jsx';
import { TimeRange } from './time_range.js';
import { Timeline } from './timeline.jsx';

const SECTIONS = [['summary', 'Summary'], ['over-time', 'Over time'], ['queues', 'Queues'], ['advice', 'Advice'], ['limits', 'Limits'], ['struggled', 'Retried'], ['events', 'Events']];
const LIVE_SECTIONS = [['trigger', 'Send'], ['store', 'Store']];

function Page({ run, version, connection }) {
  const range = useMemo(() => new TimeRange(run.first, run.last), [run]);
  const [selection, setSelection] = useState({ row: -1, id: '', jump: 0 });
  const select = (row, jump = false) => setSelection({ row, id: run.ids[row], jump: selection.jump + (jump ? 1 : 0) });
  const openEvent = (row) => select(row, true);
  const figures = run.figuresVersion;
  // Another run has other rows; an event that it knows stays selected.
  const shown = selection.row >= 0 && run.ids[selection.row] !== selection.id ? { ...selection, row: run.rowOfId.get(selection.id) ?? -1 } : selection;
  const drawn = useMemo(() => {
    if (!run.live) range.grow(run.first, run.last);
    return {
      top: <><Header run={run} /></>,
      summary: <><Verdict run={run} /><Tiles run={run} /><MissingAnswers run={run} /><AttemptsOverTime run={run} range={range} /></>,
      middle: <><Advice run={run} /><LimitUsage run={run} range={range} /><Timeline run={run} range={range} openEvent={openEvent} /><Totals run={run} /></>,
      queues: <Queues run={run} />,
    };
  }, [run, figures, run.live?.paused, run.live?.paused_queues.join(), selection.jump]);
  const isLive = run.live !== null;
  const sections = queueNames(run).length ? SECTIONS : SECTIONS.filter(([id]) => id !== 'queues');
  // Time goes on where nothing happens, too.
  useEffect(() => { if (run.live) range.follow(run.first, run.last); }, [run, version]);
  return (
    <>
      <a class="skip" href="#events">Skip to the events</a>
      {drawn.top}
      <Navigation sections={isLive ? [...sections, ...LIVE_SECTIONS] : sections} range={range} />
      {isLive && <LiveBar run={run} connection={connection} />}
      <main>
        {drawn.summary}
        {drawn.queues}
        {drawn.middle}
        <EventList run={run} version={version} selection={shown} select={select} />
        {isLive && <TriggerForm run={run} />}
        {isLive && <Store run={run} figures={figures} />}
      </main>
      <Footer run={run} />
    </>
  );
}

function Navigation({ sections, range }) {
  const button = (text, name, onClick) => <button type="button" title={name} aria-label={name} onClick={onClick}>{text}</button>;
  return (
    <nav aria-label="Sections">
      <div class="links">{sections.map(([id, text]) => <a key={id} href={`#${id}`}>{text}</a>)}</div>
      <div class="zoom" role="group" aria-label="Time shown by the charts">
        {button('◂', 'Earlier', () => range.move(-0.4))}{button('−', 'Zoom out', () => range.zoom(2))}
        {button('+', 'Zoom in', () => range.zoom(0.5))}{button('▸', 'Later', () => range.move(0.4))}{button('all', 'Show all of the time', () => range.reset())}
      </div>
    </nav>
  );
}

const place = document.getElementById('page');
const given = JSON.parse(document.getElementById('run').textContent);
const name = given.about.app_name || given.about.app_id;

function draw({ run, connection }) {
  if (run) render(<Page run={run} version={run.version} connection={connection} />, place);
  else render(<p class="note" role="status">{connection === 'locked' ? 'This page needs a new link: press o in the emulator’s console, or run forge-emu open.' : 'Waiting for the emulator …'}</p>, place);
  document.documentElement.dataset.ready = 'yes';
}

if (given.live) {
  document.title = `${name} · forge-emu`;
  followEmulator(given.about, pacedDrawing(draw));
} else {
  document.title = `${name} · forge-emu report`;
  draw({ run: new Run(given.about).apply(given), connection: 'live' });
}
