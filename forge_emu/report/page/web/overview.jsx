// The header, the verdict, the tiles, the advice, the tables of counts, and the footer.

import uPlot from 'uplot';
import { axes, colour, useChart } from './charts.js';
import { Cost } from './tables/cost.jsx';
import { durationText } from './duration.js';
import { Place, Section, WithCode, Words } from './elements.jsx';
import { count, number, outcomeLabel, percent, toWords } from './format.js';

const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);

// Counts by name of two kinds together; a name that both have is counted in both.
function added(one, other) {
  const found = { ...one };
  for (const [name, n] of Object.entries(other)) found[name] = (found[name] ?? 0) + n;
  return found;
}

// A figure and its unit stay on one line.
const whole = (text) => text.replaceAll(' ', '\u00a0');

export function Header({ run }) {
  const { about, summary } = run;
  const latencies = Object.keys(summary.latency_changes).length;
  const facts = [
    !run.live && `${durationText(run.last - run.first)} of emulated time`,
    summary.limits_preset && `limits ${summary.limits_preset}`,
    summary.latency && `latency ${summary.latency}${latencies ? ` but for ${latencies}` : ''}`,
    summary.seed !== null && `seed ${summary.seed}`,
    about.started_at && `from ${about.started_at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`,
  ];
  const changed = Object.entries(about.settings);
  return (
    <header>
      <h1>{about.app_name || about.app_id} <small class="brand">{run.live ? 'forge-emu' : 'forge-emu report'}</small></h1>
      <p class="note">{facts.filter(Boolean).join(' · ')}</p>
      {changed.length > 0 && <p class="note">with {changed.map(([name, value], i) => <span key={name}>{i > 0 && ', '}<code><Words text={`${name}=${value}`} /></code></span>)}</p>}
      {about.command && <details class="command"><summary>The command that repeats the run</summary><pre tabindex="0">{about.command}</pre></details>}
    </header>
  );
}

// What came of each condition of --fail-on; nothing where there were none.
export function Verdict({ run }) {
  const found = run.summary.conditions;
  if (!found?.length) return null;
  const failed = found.filter((each) => !each.passed).length;
  return (
    <section class={`verdict ${failed ? 'bad' : 'good'}`} id="verdict">
      <h2>{failed ? `Failed: ${failed} of ${count(found.length, 'condition')} not met` : `Passed: none of ${count(found.length, 'condition')} failed`}</h2>
      <ul>{found.map((each) => <Condition key={each.requires} {...each} />)}</ul>
    </section>
  );
}

function Condition({ value, value_text: text, passed, requires }) {
  const [mark, words, kind] = value === null ? ['–', 'no value', ''] : passed ? ['✓', 'passed', 'good'] : ['✗', 'failed', 'bad'];
  return (
    <li>
      <span class={`mark ${kind}`} role="img" aria-label={words}>{mark}</span> <code>{requires}</code>: {value === null ? 'the run has no such figure' : text}
    </li>
  );
}

const Tile = ({ title, value, note, kind = '' }) => (
  <div class={`tile ${kind}`}><div class="title">{title}</div><div class="value">{value}</div><div class="note">{note}</div></div>
);

export function Tiles({ run }) {
  const { events, product_events: products, retries, refusals, time_to_success: time } = run.summary;
  const refused = sum(refusals.push) + sum(refusals.kvs);
  const lost = events.dropped + events.expired + products.dropped;
  return (
    <div class="tiles" id="summary">
      <Tile title="Product events" value={number(products.sent)} note={outcomeText(products)} kind={products.dropped ? 'bad' : products.pending ? 'warn' : 'good'} />
      <Tile title="Queued events" value={number(events.pushed)} note={outcomeText(events)} kind={events.dropped + events.expired ? 'bad' : events.pending ? 'warn' : 'good'} />
      <Tile title={events.expired ? 'Dropped or expired' : 'Dropped'} value={number(lost)} note="given up for good" kind={lost ? 'bad' : ''} />
      <Tile title="Retries" value={number(retries.total)} note={Object.entries(retries.by_asked_by).map(([who, n]) => `${number(n)} by the ${who}`).join(', ') || 'none'} kind={retries.total ? 'warn' : ''} />
      <Tile title="Refused" value={number(refused)} note={[sum(refusals.push) && count(sum(refusals.push), 'push', 'pushes'), sum(refusals.kvs) && count(sum(refusals.kvs), 'store call')].filter(Boolean).join(', ') || 'no limit was met'} kind={refused ? 'warn' : ''} />
      {time.count
        ? <Tile title="Time to success" value={durationText(time.p50_ms)} note={`median; ${whole('95 %')} within ${whole(durationText(time.p95_ms))}, all within ${whole(durationText(time.max_ms))}`} />
        : <Tile title="Time to success" value="–" note="no queued event succeeded" />}
    </div>
  );
}

// How much of the success is to be trusted, where requests went nowhere.
export function MissingAnswers({ run }) {
  const { missing_answers: missing, events, product_events: products } = run.summary;
  if (!missing?.requests) return null;
  const succeeded = events.succeeded + products.succeeded;
  const after = missing.events + missing.product_events;
  return (
    <p class="missing" id="missing-answers">
      {`${number(succeeded)} succeeded, ${number(after)} of them after a request that nothing answered. `}
      {missing.mocks_file && <>{count(missing.mocks.length, 'missing mock')} in <code><Words text={missing.mocks_file} /></code>.</>}
    </p>
  );
}

function outcomeText(figures) {
  const parts = ['succeeded', 'dropped', 'expired', 'cancelled', 'pending'].filter((name) => figures[name]).map((name) => `${number(figures[name])} ${name}`);
  return parts.join(', ') || 'none';
}

export function Advice({ run }) {
  const found = run.summary.advice;
  if (!found.length) return <Section id="advice" title="Advice" note="Nothing to say: no limit was met often, nothing was dropped, and no handler misbehaved." />;
  const kind = ({ rule, detail }) => (rule === 'tried' ? (detail.refusals ? 'tried vain' : 'tried') : '');
  return (
    <Section id="advice" title="Advice">
      <ol class="advice">
        {found.map((each, i) => (
          <li key={i} class={`card ${kind(each)}`}>
            <div class="rule">{toWords(each.rule)}</div>
            <p><WithCode text={each.message} /></p>
            {each.places.length > 0 && <p class="places">{each.places.map((place) => <Place key={place} run={run} place={place} />)}</p>}
          </li>
        ))}
      </ol>
    </Section>
  );
}

export function Totals({ run }) {
  const { summary } = run;
  const attempts = Object.entries(summary.attempts).map(([n, events]) => [Number(n), events]);
  return (
    <Section id="counts" title="Totals">
      <div class="cards">
        {attempts.length > 0 && <AttemptsPerEvent attempts={attempts} />}
        <CountTable title="Refused by" unit="calls" values={added(summary.refusals.push, summary.refusals.kvs)} />
        <CountTable title="Requests refused by" unit="requests" values={summary.refusals.requests ?? {}} />
        <CountTable title="Refused within batches by" unit="keys" values={summary.refusals.kvs_keys} />
        <CountTable title="Put off by" unit="deliveries" values={summary.deferrals} />
        <CountTable title="Dropped because" unit="events" values={added(summary.drops, summary.product_event_drops)} name={toWords} />
        <CountTable title="Retry reasons" unit="retries" values={summary.retries.by_reason} />
        <CountTable title="Invocations" unit="ended" values={summary.invocations} name={outcomeLabel} />
        <Cost cost={summary.cost} />
        {summary.errors.length > 0 && <Errors run={run} errors={summary.errors} />}
      </div>
    </Section>
  );
}

function CountTable({ title, unit, values, name = (n) => n }) {
  const entries = Object.entries(values);
  if (!entries.length) return null;
  const all = sum(values);
  return (
    <div class="card">
      <h3>{title} <small>{unit}</small></h3>
      <table><tbody>
        {entries.map(([key, n]) => (
          <tr key={key}><td class="words"><Words text={name(key)} /></td><td class="num">{number(n)}</td><td class="num dim">{entries.length > 1 ? percent(n, all) : ''}</td></tr>
        ))}
      </tbody></table>
    </div>
  );
}

function Errors({ run, errors }) {
  return (
    <div class="card wide">
      <h3>Errors of handlers</h3>
      <table><tbody>
        {errors.map((error, i) => (
          <tr key={i}>
            <td class="words"><strong>{error.name}</strong>: <Words text={error.message} />{error.place && <> <Place run={run} place={error.place} /></>}</td>
            <td class="num">{number(error.count)}</td>
          </tr>
        ))}
      </tbody></table>
    </div>
  );
}

function AttemptsPerEvent({ attempts }) {
  const [box] = useChart(attempts, attempts.map(([n]) => n).join(), histogram);
  return <div class="card"><h3>Attempts per event</h3><div class="plot" ref={box} /></div>;
}

function histogram(state, tip) {
  const numbers = () => state.current.map(([n]) => n);
  const most = () => Math.max(...numbers());
  const least = () => Math.min(...numbers());
  const hover = (u) => {
    const i = u.cursor.idx;
    if (i === null || i === undefined || u.cursor.left < 0) return tip.hide();
    const [n, events] = state.current[i];
    return tip.show([`${count(n, 'attempt')}: ${count(events, 'event')}`], u.cursor.left + u.over.offsetLeft, u.cursor.top);
  };
  return {
    options: () => {
      const [x, y] = axes({});
      return {
        axes: [{ ...x, space: 26, incrs: [1, 2, 5, 10, 20, 50, 100], values: (_, splits) => splits.map((n) => (Number.isInteger(n) && n >= least() && n <= most() ? n : '')) }, y],
        scales: { x: { time: false, range: () => [least() - 0.7, Math.max(most(), least() + 3) + 0.7] }, y: { range: (_, min, max) => [0, max * 1.1] } },
        series: [{}, { fill: colour('first'), stroke: colour('first'), width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.7, 40] }) }],
        hooks: { setCursor: [hover] },
      };
    },
    data: () => [numbers(), state.current.map(([, events]) => events)],
    height: () => 190,
  };
}

export function Footer({ run }) {
  return (
    <footer>
      <p>Made by forge-emu {run.about.version} from the records of a local emulation; nothing here comes from Atlassian. The rules behind the advice: docs/advice.md.</p>
      <details><summary>uPlot and Preact, MIT licence</summary><pre>{LICENCES}</pre></details>
    </footer>
  );
}
