'use strict';
// The error report of what a handler threw: name, message, and a stack in the app's source files.

const path = require('node:path');
const util = require('node:util');
const { SourceMap } = require('node:module');
const { Buffer, fs, newSafeMap } = require('./primordials.cjs');

const MAX_MESSAGE = 10_000;
const MAX_FRAMES = 20;
// What the build makes of `exports` in a module with `import`.
const BUILT_EXPORTS = '__forge_emu.exports.';
const MAX_CACHED_FRAMES = 5_000;

const includes = Function.prototype.call.bind(String.prototype.includes);
const split = Function.prototype.call.bind(String.prototype.split);

// Printed for a position in the bundle that maps to no file of the app.
const UNMAPPED = '<forge-emu>';

// Matches stack frames of this program and of Node.js, below those of the app. Inside JSON, line
// ends are escaped.
const PROGRAM_FOLDER = path.dirname(__dirname).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const REST_OF_LINE = '[^\\n\\\\"]*';
const FRAME_START = '(?:\\n|\\\\n) +at ';
const PLATFORM_FRAMES = new RegExp(
  `${FRAME_START}${REST_OF_LINE}(?:${PROGRAM_FOLDER}|node:|${UNMAPPED})${REST_OF_LINE}` +
    `(?:${FRAME_START}new Promise \\(<anonymous>\\))?`,
  'g',
);

const sourceMaps = new WeakMap();
const frameCaches = new WeakMap();

function errorReport(thrown, generation) {
  return {
    name: clip(errorName(thrown)),
    message: clip(errorMessage(thrown)),
    stack: errorStack(thrown, generation),
  };
}

// The file, line and column where the app's own code threw; empty where unknown.
function sourceLocation(thrown, generation) {
  const frame = appFrames(thrown, generation).find((f) => f.own);
  return frame ? { source: frame.file, line: frame.line, column: frame.column } : {};
}

function readProperty(thrown, property) {
  try {
    const isObject = thrown !== null && (typeof thrown === 'object' || typeof thrown === 'function');
    return isObject ? thrown[property] : undefined;
  } catch {
    return undefined;
  }
}

function errorName(thrown) {
  const name = readProperty(thrown, 'name');
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name;
  const own = readProperty(readProperty(thrown, 'constructor'), 'name');
  if (util.types.isNativeError(thrown) && typeof own === 'string' && own !== '') return own;
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

function errorMessage(thrown) {
  const message = readProperty(thrown, 'message');
  if (typeof message === 'string') return message;
  if (typeof thrown === 'string') return thrown;
  try {
    return `${util.inspect(thrown, { depth: 3, breakLength: Infinity })} was thrown`;
  } catch {
    return 'something that cannot be printed was thrown';
  }
}

function errorStack(thrown, generation) {
  const frames = appFrames(thrown, generation);
  // Frames of packages only if there is none of the app's own.
  const own = frames.filter((f) => f.own);
  const shown = (own.length > 0 ? own : frames).slice(0, MAX_FRAMES);
  if (shown.length === 0) return null;
  const head = clip(`${errorName(thrown)}: ${errorMessage(thrown)}`);
  return [head, ...shown.map((f) => `    at ${f.text}`)].join('\n');
}

function appFrames(thrown, generation) {
  const stack = readProperty(thrown, 'stack');
  if (typeof stack !== 'string' || generation === null) return [];
  const frames = [];
  for (const line of stack.split('\n')) {
    const frame = cachedFrame(line, generation);
    if (frame !== null) frames.push(frame);
  }
  return frames;
}

// Cached: the same lines throw repeatedly, and a source map lookup is slow.
function cachedFrame(line, generation) {
  if (!frameCaches.has(generation)) frameCaches.set(generation, newSafeMap());
  const frames = frameCaches.get(generation);
  let frame = frames.get(line);
  if (frame === undefined) {
    frame = parseFrame(line, generation);
    if (frames.size < MAX_CACHED_FRAMES) frames.set(line, frame);
  }
  return frame;
}

// Null for a line that is not in the app's bundle, or in its package.
function parseFrame(line, generation) {
  const match = /^\s+at (?:(.*?) \()?(?:async )?(?:file:\/\/)?(.*?):(\d+):(\d+)\)?$/.exec(line);
  if (match === null || !isAppCode(match[2], generation)) return null;
  const location = sourcePosition(match[2], Number(match[3]), Number(match[4]), generation);
  if (location === null) return null;
  const { file } = location;
  const position = `${file}:${location.line}:${location.column}`;
  const own = !file.split('/').includes('node_modules');
  const name = match[1]?.replace(BUILT_EXPORTS, 'exports.');
  return { ...location, own, text: name ? `${name} (${position})` : position };
}

function isAppCode(script, generation) {
  const { bundle, packaged } = generation;
  return packaged ? script.startsWith(bundle + path.sep) : script === bundle;
}

// Where the text at a position of a script comes from. The files of a package may have no map.
function sourcePosition(script, line, column, generation) {
  const entry = sourceMapOf(script, generation)?.findEntry(line - 1, column - 1);
  if (entry?.originalSource === undefined) {
    return generation.packaged ? { file: relativeFile(script, generation), line, column } : null;
  }
  const file = appFile(entry.originalSource, script, generation);
  if (file === null) return null;
  return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

// The file relative to the app's folder; null for the generated entry.
function appFile(source, script, generation) {
  const file = relativeFile(absoluteSource(source, script, generation), generation);
  // What a bundler adds of its own.
  return file === 'forge-emu-entry.js' || file.startsWith('webpack/') ? null : file;
}

function absoluteSource(source, script, generation) {
  if (source.startsWith('file://')) return decodeURIComponent(new URL(source).pathname);
  const webpack = /^webpack:\/\/[^/]*\/(.*)$/.exec(source);
  if (webpack !== null) return path.resolve(generation.root, webpack[1].replace(/\?[^?]*$/, ''));
  return path.resolve(path.dirname(script), source);
}

function relativeFile(file, generation) {
  return path.relative(generation.root, file).split(path.sep).join('/');
}

function sourceMapOf(script, generation) {
  if (!sourceMaps.has(generation)) sourceMaps.set(generation, newSafeMap());
  const maps = sourceMaps.get(generation);
  let map = maps.get(script);
  if (map === undefined) {
    try {
      map = new SourceMap(JSON.parse(sourceMapText(script, generation)));
    } catch {
      // Without a source map the stack of a bundle is left out.
      map = null;
    }
    maps.set(script, map);
  }
  return map;
}

// A package's files were built by a tool of the app's, which names the map at their end.
function sourceMapText(script, generation) {
  if (!generation.packaged) return fs.readFileSync(`${script}.map`, 'utf8');
  const [, url] = /\/\/[#@] sourceMappingURL=(\S+)\s*$/.exec(fs.readFileSync(script, 'utf8'));
  const inline = /^data:[^,]*;base64,(.*)$/.exec(url);
  if (inline !== null) return Buffer.from(inline[1], 'base64').toString();
  return fs.readFileSync(path.resolve(path.dirname(script), decodeURIComponent(url)), 'utf8');
}

// Text that an app printed, with stack positions mapped to its source files and without the
// platform's frames, so that it is the same wherever the app was built.
function mapPrintedStack(text, generation) {
  if (!generation || !includes(text, generation.bundle)) return text;
  if (generation.packaged) return mapPackageStack(text, generation);
  const [first, ...rest] = split(text, generation.bundle);
  let mapped = first;
  for (const part of rest) {
    const suffix = /^:(\d+):(\d+)/.exec(part);
    if (suffix === null) {
      mapped += generation.bundle + part;
      continue;
    }
    const frame = cachedFrame(`    at ${generation.bundle}${suffix[0]}`, generation);
    const position = frame === null ? UNMAPPED : frame.text;
    mapped = mapped.replace(/file:\/\/$/, '') + position + part.slice(suffix[0].length);
  }
  return mapped.replace(PLATFORM_FRAMES, '').replaceAll(BUILT_EXPORTS, 'exports.');
}

function mapPackageStack(text, generation) {
  const folder = generation.bundle.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const position = new RegExp(`(?:file://)?${folder}[\\\\/][^\\s:()"']+:\\d+:\\d+`, 'g');
  const mapped = text.replace(position, (found) => {
    const frame = cachedFrame(`    at ${found}`, generation);
    return frame === null ? UNMAPPED : frame.text;
  });
  return mapped.replace(PLATFORM_FRAMES, '');
}

function clip(text) {
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text;
}

module.exports = { errorReport, sourceLocation, mapPrintedStack };
