// What can be done with one event. The server decides; what it refuses is shown in its words.

import { count } from '../format.js';
import { PENDING, QUEUED } from '../run.js';
import { changeQueue, perform } from './control.js';

export function EventActions({ run, row }) {
  const id = run.ids[row];
  const isOpen = run.events.state[row] === PENDING;
  const act = (action, done) => () => perform(() => changeQueue({ action, target: id }), done);
  return (
    <div class="actions" role="group" aria-label="What to do with this event">
      {isOpen && <button type="button" onClick={act('run_now', () => 'Delivered now.')}>retry now</button>}
      {isOpen && run.events.kind[row] === QUEUED && <button type="button" onClick={act('cancel', () => 'Cancelled.')}>cancel</button>}
      {!isOpen && <button type="button" onClick={act('replay', ({ ids }) => `Sent again: ${count(ids.length, 'new event')}.`)}>replay</button>}
    </div>
  );
}
