// Emulated time and delivery, and what moves or stops them; what the last action came to.

import { useEffect, useState } from 'preact/hooks';
import { spanOf } from '../duration.js';
import { number } from '../format.js';
import { offsetText } from '../offset.js';
import { changeQueue, notice, perform, say, setClock } from './control.js';

const CONNECTIONS = {
  live: ['live', 'good'],
  reconnecting: ['reconnecting …', 'pending'],
  locked: ['no access', 'bad'],
};

export function LiveBar({ run, connection }) {
  const { clock, paused } = run.live;
  const [words, kind] = CONNECTIONS[connection];
  const isMoving = clock.goal !== null || clock.until_idle;
  const order = (action, more = {}) => () => perform(() => setClock({ action, ...more }), () => DONE[action]);
  return (
    <section class="bar" aria-label="Emulated time">
      <span class={`connection c-${kind}`} role="status" id="connection">{words}</span>
      <span class="clock" id="clock" title={clock.time}>{offsetText(clock.now)}</span>
      <span class="note">{stateText(clock)}</span>
      <div class="actions" role="group" aria-label="Move time">
        {clock.paused
          ? <button type="button" onClick={order('resume')}>let time go on</button>
          : <button type="button" onClick={order('pause')}>stop time</button>}
        <button type="button" disabled={clock.next_due === null} onClick={order('next')}>next due</button>
        <Entry name="advance" placeholder="15m" label="How far to advance" read={spanOf} act={(span_ms) => setClock({ action: 'advance', span_ms })} done={DONE.advance} />
        <button type="button" disabled={isMoving} onClick={order('until-idle')}>until idle</button>
        {clock.speed !== null && <Entry name="speed" placeholder={String(clock.speed)} label="Emulated seconds in a real one" read={speedOf} act={(speed) => setClock({ action: 'speed', speed })} done={DONE.speed} />}
      </div>
      <div class="actions" role="group" aria-label="Delivery">
        {paused
          ? <button type="button" onClick={() => perform(() => changeQueue({ action: 'resume' }), () => 'All queues deliver again.')}>resume delivery</button>
          : <button type="button" onClick={() => perform(() => changeQueue({ action: 'pause' }), () => 'Nothing is delivered until you resume.')}>pause delivery</button>}
      </div>
      <Notice />
      {connection === 'locked' && <p class="is-bad">This page needs a new link: press <kbd>o</kbd> in the emulator’s console, or run <code>forge-emu open</code>.</p>}
    </section>
  );
}

const DONE = {
  next: 'Time goes to what is due next.', advance: 'Time goes on.', 'until-idle': 'Time goes on until all has ended.',
  pause: 'Time stands still.', resume: 'Time goes on.', speed: 'The speed has changed.',
};

function stateText({ speed, paused, until_idle: untilIdle, goal, running, pending, planned }) {
  const parts = [
    speed === null ? 'virtual time' : `×${number(speed)}`,
    paused && !untilIdle && goal === null && 'stands still',
    untilIdle ? 'moves until idle' : goal !== null && `moves to ${offsetText(goal)}`,
    `${number(pending)} pending`, `${number(running)} running`, planned > 0 && `${number(planned)} to be sent`,
  ];
  return parts.filter(Boolean).join(' · ');
}

function speedOf(text) {
  const speed = Number(text);
  if (text.trim() && Number.isFinite(speed) && speed > 0) return speed;
  throw new Error(`${JSON.stringify(text)} is no speed: write a number, such as 60`);
}

// A field with a button, which also takes Enter.
function Entry({ name, placeholder, label, read, act, done }) {
  const [text, setText] = useState('');
  const submit = (event) => {
    event.preventDefault();
    let value;
    try { value = read(text || placeholder); } catch (error) { say(error.message, true); return; }
    perform(() => act(value), () => done);
  };
  return (
    <form class="entry" onSubmit={submit}>
      <input type="text" size="5" aria-label={label} placeholder={placeholder} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <button type="submit">{name}</button>
    </form>
  );
}

function Notice() {
  const [, draw] = useState(0);
  useEffect(() => {
    const listener = () => draw((n) => n + 1);
    notice.listeners.add(listener);
    return () => notice.listeners.delete(listener);
  }, []);
  return <p class={`notice ${notice.isBad ? 'is-bad' : ''}`} role="status" id="notice">{notice.text}</p>;
}
