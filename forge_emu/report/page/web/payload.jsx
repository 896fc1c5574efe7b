// What was in an event: its body, and for each attempt what the handler was given and returned, its log
// lines and its requests. The live page asks for it; the report has it where it was written with it.

import { useEffect, useState } from 'preact/hooks';
import { count } from './format.js';
import { ask, query } from './live/control.js';

export function Payload({ run, row }) {
  const id = run.ids[row];
  if (run.live) return <AskedPayload key={id} id={id} state={run.events.state[row]} ended={run.endedAttempts(row)} />;
  if (!run.payloads) return null;
  const found = run.payloads[id];
  if (!found) return <p class="note">What was in it is no longer kept (<code>state.payloads_mb</code>).</p>;
  return <details class="payload" open><summary>{TITLE}</summary><Contents found={found} /></details>;
}

const TITLE = 'Payload, logs and requests';

// `ended`: how many attempts have ended; each one adds to what there is to show.
function AskedPayload({ id, state, ended }) {
  const [isOpen, setOpen] = useState(false);
  const [answer, setAnswer] = useState(null);
  useEffect(() => {
    if (!isOpen) return undefined;
    let isCurrent = true;
    const show = (found) => isCurrent && setAnswer(found);
    ask('GET', `/v1/payload?${query({ event: id })}`).then((found) => show({ found }), (error) => show({ error }));
    return () => { isCurrent = false; };
  }, [id, isOpen, state, ended]);
  return (
    <details class="payload" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{TITLE}</summary>
      {answer?.found && <Contents found={answer.found} />}
      {answer?.error && <p class="note">{answer.error.status === 404 ? `Not kept: ${answer.error.message}` : answer.error.message}</p>}
    </details>
  );
}

function Contents({ found }) {
  return (
    <div class="contents">
      {found.note && <p class="note">{found.note}</p>}
      <Value name="body" value={found.body} />
      {(found.invocations ?? []).map((each, _, all) => <Attempt key={each.invocation} each={each} isAlone={all.length === 1} />)}
    </div>
  );
}

// The only one is open, and stays so when others come.
function Attempt({ each, isAlone }) {
  const [isOpen, setOpen] = useState(isAlone);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>attempt {each.attempt}: {each.function}</summary>
      <Value name="given" value={each.given} />
      <Value name="returned" value={each.returned} />
      {each.error && <Value name="error" value={each.error} />}
      {each.logs?.length > 0 && <Value name={count(each.logs.length, 'log line')} value={each.logs.map(logText).join('\n')} />}
      {each.requests?.map((request, i) => (
        <details key={i}>
          <summary>{request.method} {request.url} → {request.status ?? 'no answer'}</summary>
          <Value name="sent" value={request.sent} />
          <Value name="answer" value={request.answer} />
        </details>
      ))}
    </details>
  );
}

const logText = (line) => (typeof line === 'string' ? line : `${line.level ?? ''} ${line.message ?? JSON.stringify(line)}`.trim());

function Value({ name, value }) {
  if (value === undefined || value === null) return null;
  return <><h4>{name}</h4><pre class="value-text" tabindex="0">{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre></>;
}
