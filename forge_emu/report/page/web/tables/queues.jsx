// The queues with what is in them; on the live page each can be paused.

import { Section, Words } from '../elements.jsx';
import { number } from '../format.js';
import { changeQueue, perform } from '../live/control.js';

const STATES = ['pending', 'succeeded', 'dropped', 'expired', 'cancelled'];

export const queueNames = (run) => [...new Set([...(run.live?.queues ?? []), ...Object.keys(run.summary.queues)])].sort();

export function Queues({ run }) {
  const figures = run.summary.queues;
  const names = queueNames(run);
  if (!names.length) return null;
  return (
    <Section id="queues" title="Queues">
      <div class="card flush scrolls" tabindex="0" role="region" aria-label="The queues">
        <table class="grid">
          <thead><tr><th scope="col">Queue</th><th scope="col" class="num">pushed</th>{STATES.map((state) => <th scope="col" key={state} class="num">{state}</th>)}{run.live && <th scope="col"><span class="hidden">Action</span></th>}</tr></thead>
          <tbody>{names.map((name) => <Queue key={name} name={name} figures={figures[name] ?? {}} live={run.live} />)}</tbody>
        </table>
      </div>
    </Section>
  );
}

function Queue({ name, figures, live }) {
  return (
    <tr>
      <th scope="row"><Words text={name} />{live && (live.paused || live.paused_queues.includes(name)) && <span class="tag">paused</span>}</th>
      <td class="num">{number(figures.pushed ?? 0)}</td>
      {STATES.map((state) => <td key={state} class={`num ${figures[state] ? `is-${state}` : 'dim'}`}>{number(figures[state] ?? 0)}</td>)}
      {live && <td class="num"><PauseButton name={name} isPaused={live.paused_queues.includes(name)} /></td>}
    </tr>
  );
}

function PauseButton({ name, isPaused }) {
  const action = isPaused ? 'resume' : 'pause';
  const done = () => (isPaused ? `${name} delivers again.` : `${name} delivers nothing until you resume it.`);
  return <button type="button" aria-label={`${action} ${name}`} onClick={() => perform(() => changeQueue({ action, queue: name }), done)}>{action}</button>;
}
