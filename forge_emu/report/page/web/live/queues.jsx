// The queues with what is in them, each of which can be paused.

import { Section, Words } from '../elements.jsx';
import { number } from '../format.js';
import { changeQueue, perform } from './control.js';

const STATES = ['pending', 'succeeded', 'dropped', 'expired', 'cancelled'];

export function Queues({ run }) {
  const figures = run.summary.queues;
  const names = [...new Set([...run.live.queues, ...Object.keys(figures)])].sort();
  if (!names.length) return null;
  return (
    <Section id="queues" title="Queues">
      <div class="card flush scrolls">
        <table class="grid">
          <thead><tr><th scope="col">Queue</th><th scope="col" class="num">pushed</th>{STATES.map((state) => <th scope="col" key={state} class="num">{state}</th>)}<th scope="col"><span class="hidden">Action</span></th></tr></thead>
          <tbody>{names.map((name) => <Queue key={name} name={name} figures={figures[name] ?? {}} isPaused={run.live.paused_queues.includes(name)} isAllPaused={run.live.paused} />)}</tbody>
        </table>
      </div>
    </Section>
  );
}

function Queue({ name, figures, isPaused, isAllPaused }) {
  const action = isPaused ? 'resume' : 'pause';
  const done = () => (isPaused ? `${name} delivers again.` : `${name} delivers nothing until you resume it.`);
  return (
    <tr>
      <th scope="row"><Words text={name} />{(isPaused || isAllPaused) && <span class="tag">paused</span>}</th>
      <td class="num">{number(figures.pushed ?? 0)}</td>
      {STATES.map((state) => <td key={state} class={`num ${figures[state] ? `is-${state}` : 'dim'}`}>{number(figures[state] ?? 0)}</td>)}
      <td class="num"><button type="button" aria-label={`${action} ${name}`} onClick={() => perform(() => changeQueue({ action, queue: name }), done)}>{action}</button></td>
    </tr>
  );
}
