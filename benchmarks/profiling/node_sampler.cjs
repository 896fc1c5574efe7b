'use strict';
// Samples each thread of a Node.js process, and writes what it has found beside this file: a line of
// JSON for each period, `[[file, function, microseconds], …]`. The process may be killed at any time.

const { appendFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const path = require('node:path');
const { isMainThread, threadId } = require('node:worker_threads');

const INTERVAL_US = 1000;
const PERIOD_MS = 400;
const FILE = path.join(__dirname, `node-${isMainThread ? 'main' : threadId}.jsonl`);

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
session.post('Profiler.start');
setInterval(() => {
  session.post('Profiler.stop', (error, { profile }) => {
    if (!error) appendFileSync(FILE, `${JSON.stringify(shares(profile))}\n`);
  });
  session.post('Profiler.start');
}, PERIOD_MS).unref();

// A built-in counts for the file that has called it.
function shares({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((c) => [c, id])));
  const places = new Map();
  const found = new Map();
  samples.forEach((id, index) => {
    if (!places.has(id)) places.set(id, placeOf(id, byId, parents));
    const place = places.get(id);
    found.set(place, (found.get(place) ?? 0) + timeDeltas[index]);
  });
  return [...found].map(([place, us]) => [...place.split('\n'), us]);
}

function placeOf(id, byId, parents) {
  const own = byId.get(id).callFrame;
  // `(idle)`, `(program)` and `(garbage collector)` are no functions.
  if (own.functionName.startsWith('(')) return `\n${own.functionName}`;
  for (let at = id; at !== undefined; at = parents.get(at)) {
    const { url, functionName, lineNumber } = byId.get(at).callFrame;
    if (path.isAbsolute(url) || url.startsWith('file:') || url.startsWith('app')) {
      return `${url}\n${functionName || `line ${lineNumber + 1}`}`;
    }
  }
  return `${own.url}\n${own.functionName}`;
}
