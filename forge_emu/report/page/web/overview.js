// The header, the tiles, the advice, the tables of counts, and the footer.

import uPlot from 'uplot';
import { axes, chart, colour, tooltip } from './charts.js';
import { costTable } from './cost.js';
import { el, withCode, section } from './dom.js';
import { durationText } from './duration.js';
import { count, number, outcomeLabel, percent, toWords } from './format.js';

export function header(run) {
  const { about, summary } = run;
  const facts = [
    durationText(summary.ended_at - summary.started_at) + ' of emulated time',
    summary.limits_preset && `limits ${summary.limits_preset}`,
    summary.latency && `latency ${summary.latency}${Object.keys(summary.latency_changes).length ? ` but for ${Object.keys(summary.latency_changes).length}` : ''}`,
    summary.seed !== null && `seed ${summary.seed}`,
    about.started_at && `from ${about.started_at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`,
  ];
  const changed = Object.entries(about.settings);
  return el('header', {},
    el('p', { class: 'brand' }, 'forge-emu report'),
    el('h1', {}, about.app_name || about.app_id),
    el('p', { class: 'note' }, facts.filter(Boolean).join(' · ')),
    changed.length > 0 && el('p', { class: 'note' }, 'with ', changed.map(([name, value], i) => [i ? ', ' : '', el('code', {}, `${name}=${value}`)])),
    about.command && el('pre', { class: 'command', tabindex: 0, 'aria-label': 'Command that repeats the run' }, about.command));
}

const tile = (title, value, note, kind = '') =>
  el('div', { class: `tile ${kind}` }, el('div', { class: 'title' }, title), el('div', { class: 'value' }, value), el('div', { class: 'note' }, note));

export function tiles(run) {
  const { events, product_events: products, retries, refusals, time_to_success: time } = run.summary;
  const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);
  const refused = sum(refusals.push) + sum(refusals.kvs);
  const shown = [
    tile('Product events', number(products.sent), outcomeText(products), products.dropped ? 'bad' : products.pending ? 'warn' : 'good'),
    tile('Queued events', number(events.pushed), outcomeText(events), events.dropped + events.expired ? 'bad' : events.pending ? 'warn' : 'good'),
    tile(events.expired ? 'Dropped or expired' : 'Dropped', number(events.dropped + events.expired + products.dropped), 'given up for good', events.dropped + events.expired + products.dropped ? 'bad' : ''),
    tile('Retries', number(retries.total), Object.entries(retries.by_asked_by).map(([who, n]) => `${number(n)} by the ${who}`).join(', ') || 'none', retries.total ? 'warn' : ''),
    tile('Refused', number(refused), [sum(refusals.push) && `${count(sum(refusals.push), 'push', 'pushes')}`, sum(refusals.kvs) && `${count(sum(refusals.kvs), 'store call')}`].filter(Boolean).join(', ') || 'no limit was met', refused ? 'warn' : ''),
    time.count
      ? tile('Time to success', durationText(time.p50_ms), `median; 95 % within ${durationText(time.p95_ms)}, all within ${durationText(time.max_ms)}`)
      : tile('Time to success', '–', 'no queued event succeeded'),
  ];
  return el('div', { class: 'tiles', id: 'summary' }, shown);
}

// What came of each condition of --fail-on; null where there were none.
export function verdict(run) {
  const found = run.summary.conditions;
  if (!found?.length) return null;
  const failed = found.filter((each) => !each.passed).length;
  return el('section', { class: `verdict ${failed ? 'bad' : 'good'}`, id: 'verdict' },
    el('h2', {}, failed ? `Failed: ${failed} of ${count(found.length, 'condition')} not met` : `Passed: none of ${count(found.length, 'condition')} failed`),
    el('ul', {}, found.map((each) => {
      const [mark, words, kind] = each.value === null ? ['–', 'no value', ''] : each.passed ? ['✓', 'passed', 'good'] : ['✗', 'failed', 'bad'];
      return el('li', {},
        el('span', { class: `mark ${kind}`, role: 'img', 'aria-label': words }, mark), ' ',
        el('code', {}, each.requires), ': ', each.value === null ? 'the run has no such figure' : each.value_text);
    })));
}

// How much of the success is to be trusted, where requests went nowhere.
export function missingAnswers(run) {
  const { missing_answers: missing, events, product_events: products } = run.summary;
  if (!missing?.requests) return null;
  const succeeded = events.succeeded + products.succeeded;
  const after = missing.events + missing.product_events;
  return el('p', { class: 'missing', id: 'missing-answers' },
    `${number(succeeded)} succeeded, ${number(after)} of them after a request that nothing answered. `,
    missing.mocks_file && [`${count(missing.mocks.length, 'missing mock')} in `, el('code', {}, missing.mocks_file), '.']);
}

function outcomeText(figures) {
  const parts = ['succeeded', 'dropped', 'expired', 'cancelled', 'pending'].filter((name) => figures[name]).map((name) => `${number(figures[name])} ${name}`);
  return parts.join(', ') || 'none';
}

export function advice(run) {
  const found = run.summary.advice;
  if (!found.length) return section('advice', 'Advice', 'Nothing to say: no limit was met often, nothing was dropped, and no handler misbehaved.');
  return section('advice', 'Advice', null, el('ol', { class: 'advice' }, found.map((each) => el('li', { class: `card ${each.rule === 'tried' ? (each.detail.refusals ? 'tried vain' : 'tried') : ''}` },
    el('div', { class: 'rule' }, toWords(each.rule)),
    el('p', {}, withCode(each.message)),
    each.places.length > 0 && el('p', { class: 'places' }, each.places.map((place) => el('code', { class: 'spot' }, place)))))));
}

export function counts(run) {
  const { summary } = run;
  const place = el('div', { class: 'card' });
  const attempts = Object.entries(summary.attempts).map(([n, events]) => [Number(n), events]);
  const tables = [
    countTable('Refused by', 'calls', { ...summary.refusals.push, ...summary.refusals.kvs }),
    countTable('Requests refused by', 'requests', summary.refusals.requests ?? {}),
    countTable('Refused within batches by', 'keys', summary.refusals.kvs_keys),
    countTable('Deferred by', 'deliveries', summary.deferrals),
    countTable('Dropped because', 'events', { ...summary.drops, ...summary.product_event_drops }, toWords),
    countTable('Retry reasons', 'retries', summary.retries.by_reason),
    countTable('Invocations', 'ended', summary.invocations, outcomeLabel),
    costTable(summary.cost),
    summary.errors.length > 0 && el('div', { class: 'card wide' }, el('h3', {}, 'Errors of handlers'), el('table', {}, el('tbody', {}, summary.errors.map((error) => el('tr', {},
      el('td', { class: 'words' }, el('strong', {}, error.name), `: ${error.message}`, error.place && [' ', el('code', { class: 'spot' }, error.place)]),
      el('td', { class: 'num' }, number(error.count))))))),
  ];
  const shown = section('counts', 'What happened', null, el('div', { class: 'cards' }, attempts.length > 0 && place, tables.filter(Boolean)));
  return [shown, () => attempts.length > 0 && histogram(place, attempts)];
}

function countTable(title, unit, values, name = (n) => n) {
  const entries = Object.entries(values);
  if (!entries.length) return null;
  const all = entries.reduce((sum, [, n]) => sum + n, 0);
  return el('div', { class: 'card' }, el('h3', {}, title, ' ', el('small', {}, unit)), el('table', {}, el('tbody', {}, entries.map(([key, n]) => el('tr', {},
    el('td', { class: 'words' }, name(key)), el('td', { class: 'num' }, number(n)), el('td', { class: 'num dim' }, entries.length > 1 ? percent(n, all) : ''))))));
}

function histogram(place, attempts) {
  place.append(el('h3', {}, 'Attempts per event'));
  const most = Math.max(...attempts.map(([n]) => n));
  const least = Math.min(...attempts.map(([n]) => n));
  const handle = chart(
    place,
    () => {
      const [x, y] = axes({});
      return {
        axes: [{ ...x, space: 26, incrs: [1, 2, 5, 10, 20, 50, 100], values: (_, splits) => splits.map((n) => (Number.isInteger(n) && n >= least && n <= most ? n : '')) }, y],
        scales: { x: { time: false, range: () => [least - 0.7, Math.max(most, least + 3) + 0.7] }, y: { range: (_, min, max) => [0, max * 1.1] } },
        series: [{}, { fill: colour('first'), stroke: colour('first'), width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.7, 40] }) }],
        hooks: { setCursor: [(u) => hover(u)] },
      };
    },
    () => [attempts.map(([n]) => n), attempts.map(([, events]) => events)],
    { height: () => 190 },
  );
  const tip = tooltip(handle.box);
  const hover = (u) => {
    const i = u.cursor.idx;
    if (i === null || i === undefined || u.cursor.left < 0) return tip.hide();
    const [n, events] = attempts[i];
    return tip.show([`${count(n, 'attempt')}: ${count(events, 'event')}`], u.cursor.left + u.over.offsetLeft, u.cursor.top);
  };
}

export function footer(run) {
  return el('footer', {},
    el('p', {}, `Made by forge-emu ${run.about.version} from the records of a local emulation; nothing here comes from Atlassian. The rules behind the advice: docs/advice.md.`),
    el('details', {}, el('summary', {}, 'Charts: uPlot, MIT licence'), el('pre', {}, UPLOT_LICENCE)));
}
