// One event: what it is, its attempts, where it comes from and what came of it; on the live page also
// what can be done with it, and what was in it.

import { durationText } from './duration.js';
import { ErrorText, RefusedBy, StateName, Words } from './elements.jsx';
import { count, number, outcomeLabel, shortId } from './format.js';
import { EventActions } from './live/event_actions.jsx';
import { Payload } from './payload.jsx';
import { offsetText } from './offset.js';
import { eventEnd, eventName, eventState, PRODUCT } from './run.js';

const MOST_CHILDREN = 50;

export function EventDetail({ run, row, select }) {
  const { events } = run;
  const parent = events.parent[row];
  const children = run.childrenOf(row);
  return (
    <>
      <h3><bdi>{eventName(run, row) || shortId(run.ids[row])}</bdi></h3>
      {run.live && <EventActions run={run} row={row} />}
      <dl>
        <Definition name="id"><code><Words text={run.ids[row]} /></code></Definition>
        <Definition name={events.kind[row] === PRODUCT ? 'event' : 'queue'}><Words text={run.text(events.place[row])} /></Definition>
        <Definition name="state"><StateName state={eventState(run, row)} reason={run.text(events.reason[row])} /></Definition>
        <Definition name="began">{offsetText(events.at[row])}</Definition>
        <Definition name={events.age[row] < 0 ? 'open for' : 'took'}>{durationText(eventEnd(run, row) - events.at[row])}</Definition>
        <Definition name="attempts">{number(events.attempts[row])}</Definition>
        {parent >= 0 && <Definition name="pushed for"><EventLink run={run} row={parent} select={select} /></Definition>}
        {children.length > 0 && (
          <Definition name="pushed">
            {children.slice(0, MOST_CHILDREN).map((child, i) => <span key={child}>{i > 0 && ', '}<EventLink run={run} row={child} select={select} isChild /></span>)}
            {children.length > MOST_CHILDREN && ` and ${count(children.length - MOST_CHILDREN, 'more event')}`}
          </Definition>
        )}
      </dl>
      <Story run={run} row={row} />
      <Payload run={run} row={row} />
    </>
  );
}

const Definition = ({ name, children }) => <><dt>{name}</dt><dd>{children}</dd></>;

function EventLink({ run, row, select, isChild = false }) {
  const name = isChild ? `${run.text(run.events.place[row])} ${shortId(run.ids[row])}` : eventName(run, row) || shortId(run.ids[row]);
  return <button type="button" class="link" onClick={() => select(row, true)}><bdi>{name}</bdi></button>;
}

function Story({ run, row }) {
  const attempts = run.attemptsOf(row);
  if (!attempts.length) return <p class="note">{run.events.attempts[row] ? 'It went through at its first attempt.' : 'It has not been delivered.'}</p>;
  return (
    <ol class="story">
      {attempts.map((attempt, i) => (
        <li key={i}>
          <strong>{offsetText(attempt.at)}</strong> {outcomeLabel(attempt.outcome)}{attempt.took > 0 && ` after ${durationText(attempt.took)}`}
          {attempt.refused && <div class="note"><RefusedBy name={attempt.refused} /></div>}
          {attempt.error && <div class="note is-bad"><ErrorText run={run} text={attempt.error} /></div>}
          {attempt.due >= 0 && <div class="note">again at {offsetText(attempt.due)}, {durationText(Math.max(0, attempt.due - attempt.at - attempt.took))} later</div>}
        </li>
      ))}
    </ol>
  );
}
