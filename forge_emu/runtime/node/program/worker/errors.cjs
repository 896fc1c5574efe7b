'use strict';
// Whatever a handler threw, as name, message and a stack in the app's own files.

const fs = require('node:fs');
const path = require('node:path');
const util = require('node:util');
const { SourceMap } = require('node:module');
const { newMap } = require('./primordials.cjs');

const LONGEST_MESSAGE = 10_000;
const MOST_FRAMES = 20;
const MOST_KNOWN = 5_000;

const includes = Function.prototype.call.bind(String.prototype.includes);
const split = Function.prototype.call.bind(String.prototype.split);

// Stands for a place in the bundle that is in no file of the app's.
const BUNDLED = '<forge-emu>';

// Frames of ours and of Node.js itself, which say how a handler came to run, and no more. Within
// JSON, line ends are escaped.
const OURS = path.dirname(__dirname).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const REST = '[^\\n\\\\"]*';
const AT = '(?:\\n|\\\\n) +at ';
const BELOW = new RegExp(
  `${AT}${REST}(?:${OURS}|node:|${BUNDLED})${REST}(?:${AT}new Promise \\(<anonymous>\\))?`, 'g',
);

const maps = new WeakMap();
const known = new WeakMap();

function reportOf(thrown, generation) {
  return {
    name: clip(nameOf(thrown)),
    message: clip(messageOf(thrown)),
    stack: stackOf(thrown, generation),
  };
}

// Where the app's own code threw: file, line and column, or nothing.
function placeOf(thrown, generation) {
  const frame = framesOf(thrown, generation).find((f) => f.own);
  return frame ? { source: frame.file, line: frame.line, column: frame.column } : {};
}

function read(thrown, property) {
  try {
    const isObject = thrown !== null && (typeof thrown === 'object' || typeof thrown === 'function');
    return isObject ? thrown[property] : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(thrown) {
  const name = read(thrown, 'name');
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name;
  const own = read(read(thrown, 'constructor'), 'name');
  if (util.types.isNativeError(thrown) && typeof own === 'string' && own !== '') return own;
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

function messageOf(thrown) {
  const message = read(thrown, 'message');
  if (typeof message === 'string') return message;
  if (typeof thrown === 'string') return thrown;
  try {
    return `${util.inspect(thrown, { depth: 3, breakLength: Infinity })} was thrown`;
  } catch {
    return 'something that cannot be printed was thrown';
  }
}

function stackOf(thrown, generation) {
  const frames = framesOf(thrown, generation);
  // Packages' frames only where nothing of the app's own is left.
  const own = frames.filter((f) => f.own);
  const shown = (own.length > 0 ? own : frames).slice(0, MOST_FRAMES);
  if (shown.length === 0) return null;
  const head = clip(`${nameOf(thrown)}: ${messageOf(thrown)}`);
  return [head, ...shown.map((f) => `    at ${f.text}`)].join('\n');
}

function framesOf(thrown, generation) {
  const stack = read(thrown, 'stack');
  if (typeof stack !== 'string' || generation === null) return [];
  const frames = [];
  for (const line of stack.split('\n')) {
    const frame = frameOf(line, generation);
    if (frame !== null) frames.push(frame);
  }
  return frames;
}

// The same places throw again and again; looking each up takes long.
function frameOf(line, generation) {
  if (!known.has(generation)) known.set(generation, newMap());
  const frames = known.get(generation);
  let frame = frames.get(line);
  if (frame === undefined) {
    frame = newFrame(line, generation);
    if (frames.size < MOST_KNOWN) frames.set(line, frame);
  }
  return frame;
}

// Null for what is not in the app's bundle.
function newFrame(line, generation) {
  const match = /^\s+at (?:(.*?) \()?(?:file:\/\/)?(.*?):(\d+):(\d+)\)?$/.exec(line);
  if (match === null || match[2] !== generation.bundle) return null;
  const entry = mapOf(generation)?.findEntry(Number(match[3]) - 1, Number(match[4]) - 1);
  if (entry?.originalSource === undefined) return null;
  const file = fileOf(entry.originalSource, generation);
  if (file === null) return null;
  const place = { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  const where = `${file}:${place.line}:${place.column}`;
  const own = !file.split('/').includes('node_modules');
  return { ...place, own, text: match[1] ? `${match[1]} (${where})` : where };
}

// A file relative to the app; null for the entry that is ours.
function fileOf(source, generation) {
  const folder = path.dirname(generation.bundle);
  const absolute = source.startsWith('file://')
    ? decodeURIComponent(new URL(source).pathname)
    : path.resolve(folder, source);
  const file = path.relative(generation.root, absolute).split(path.sep).join('/');
  return file === 'forge-emu-entry.js' ? null : file;
}

function mapOf(generation) {
  if (!maps.has(generation)) {
    let map = null;
    try {
      map = new SourceMap(JSON.parse(fs.readFileSync(`${generation.bundle}.map`, 'utf8')));
    } catch {
      // Without its map a stack is only less readable.
    }
    maps.set(generation, map);
  }
  return maps.get(generation);
}

// What an app prints, with the places of a stack in its own files and without what called it: so
// that it is readable, and the same wherever the app was built.
function readable(text, generation) {
  if (!generation || !includes(text, generation.bundle)) return text;
  const [first, ...rest] = split(text, generation.bundle);
  let placed = first;
  for (const part of rest) {
    const at = /^:(\d+):(\d+)/.exec(part);
    if (at === null) {
      placed += generation.bundle + part;
      continue;
    }
    const frame = frameOf(`    at ${generation.bundle}${at[0]}`, generation);
    const where = frame === null ? BUNDLED : frame.text;
    placed = placed.replace(/file:\/\/$/, '') + where + part.slice(at[0].length);
  }
  return placed.replace(BELOW, '');
}

function clip(text) {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}

module.exports = { reportOf, placeOf, readable };
