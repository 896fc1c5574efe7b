// Sends product events: as they are, or with a payload that was edited.

import { useState } from 'preact/hooks';
import { Section } from '../elements.jsx';
import { count } from '../format.js';
import { ask, perform, query, say, trigger } from './control.js';

const MOST_EDITED = 1_000;

export function TriggerForm({ run }) {
  const { events } = run.live;
  const [event, setEvent] = useState('');
  const [number, setNumber] = useState('1');
  const [payload, setPayload] = useState(null);
  const chosen = event || events[0] || '';
  const edit = async () => {
    const found = await perform(() => ask('GET', `/v1/page/example?${query({ event: chosen })}`), () => 'Change the payload, then send it.');
    if (found) setPayload(JSON.stringify(found.payload, null, 2));
  };
  const send = (submitted) => {
    submitted.preventDefault();
    const order = orderOf(chosen, Number(number), payload);
    if (typeof order === 'string') say(order, true);
    else perform(() => trigger(order), (receipt) => `Sent ${count(receipt.count, 'event')}: ${receipt.event}${receipt.first ? `, ${receipt.first}${receipt.count > 1 ? ` to ${receipt.last}` : ''}` : ''}.`);
  };
  return (
    <Section id="trigger" title="Send an event">
      <form class="card trigger" onSubmit={send}>
        <div class="filters">
          <label class="grow">Event<input list="events-of-app" required value={event} placeholder={chosen || 'issue-created'} onInput={(e) => { setEvent(e.currentTarget.value); setPayload(null); }} /></label>
          <datalist id="events-of-app">{events.map((name) => <option key={name} value={name} />)}</datalist>
          <label>How many<input type="number" min="1" max="1000000" size="6" value={number} onInput={(e) => setNumber(e.currentTarget.value)} /></label>
          <button type="button" onClick={edit} disabled={!chosen}>edit the payload</button>
          {payload !== null && <button type="button" onClick={() => setPayload(null)}>forget the changes</button>}
          <button type="submit" formnovalidate disabled={!chosen}>send</button>
        </div>
        {payload !== null && <textarea id="payload-text" aria-label="Payload" rows="14" spellcheck={false} value={payload} onInput={(e) => setPayload(e.currentTarget.value)} />}
      </form>
    </Section>
  );
}

// The order, or what is wrong with it.
function orderOf(event, number, payload) {
  if (!Number.isInteger(number) || number < 1) return 'How many events? Write a whole number from 1.';
  if (payload === null) return { event, count: number };
  if (number > MOST_EDITED) return `Send at most ${count(MOST_EDITED, 'event')} with a payload of your own.`;
  let found;
  try { found = JSON.parse(payload); } catch (error) { return `The payload is no JSON: ${error.message}`; }
  return { recorded: Array.from({ length: number }, () => ({ event, payload: found, offset_ms: 0 })) };
}
