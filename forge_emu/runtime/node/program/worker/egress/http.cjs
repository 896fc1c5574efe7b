'use strict';
// Reads the requests on a connection that was never opened, and writes forge-emu's answers to it.

const http = require('node:http');
const https = require('node:https');
const { copyFor } = require('./answer_copy.cjs');
const { askAbout, refusal, letPass, SentRequest } = require('./ask.cjs');
const { current } = require('../context.cjs');
const { Buffer, Object } = globalThis;

const DEFAULT_PORTS = { 'http:': 80, 'https:': 443 };

// It never listens: connections are given to it.
const server = http.createServer();
Object.assign(server, { timeout: 0, keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 });
const connections = new WeakMap();

server.on('request', (request, response) => {
  const connection = connections.get(request.socket);
  current.run(connection.store, () => answer(connection, request, response));
});
server.on('upgrade', (request, peer, head) => {
  const connection = connections.get(peer);
  current.run(connection.store, () => answerUpgrade(connection, request, peer, head));
});
// The app may go away at any time.
server.on('clientError', (error, peer) => peer.destroy());

function serveConnection(socket, target, store) {
  connections.set(socket.peer, { socket, target, store });
  server.emit('connection', socket.peer);
}

async function answer(connection, request, response) {
  response.sendDate = false;
  response.shouldKeepAlive = false;
  response.on('error', () => {});
  const chunks = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return;
  }
  const body = Buffer.concat(chunks);
  const asked = describe(connection, request, body);
  const answered = await askAbout(asked, undefined, connection.store);
  if (answered.network === 'fail') connection.socket.destroy(refusal(answered));
  else if (answered.network === 'send') sendOut(connection, request, asked, body, answered, response);
  else writeAnswer(response, request, answered);
}

function describe({ socket, target }, request, body) {
  const { method, headers, url } = request;
  const path = /^https?:\/\//.test(url) ? url.replace(/^https?:\/\/[^/]*/, '') : url;
  const text = body.length === 0 ? null : body.toString('utf8');
  return { method, url: originOf(socket, target) + path, headers: flat(headers), body: text };
}

function originOf(socket, { host, port }) {
  const scheme = socket.isTls ? 'https:' : 'http:';
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const isDefault = port === undefined || Number(port) === DEFAULT_PORTS[scheme];
  return `${scheme}//${name}${isDefault ? '' : `:${port}`}`;
}

function flat(headers) {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function writeAnswer(response, request, { status, text, headers, body }) {
  const hasBody = ![204, 205, 304].includes(status);
  const content = hasBody ? Buffer.from(body) : null;
  const length = hasBody ? { 'content-length': content.length } : {};
  response.writeHead(status, text ?? undefined, { ...headers, ...length, connection: 'close' });
  response.end(request.method === 'HEAD' ? undefined : (content ?? undefined));
}

function sendOut({ socket, target }, request, asked, body, answered, response) {
  const onTimeout = () => {
    upstream.destroy();
    const text = 'The request took longer than the platform allows.';
    writeAnswer(response, request, { status: 504, headers: {}, body: text });
  };
  const sent = new SentRequest(asked, answered, onTimeout);
  const upstream = letPass(() => realRequest(socket, target, request));
  upstream.on('response', (incoming) => {
    sent.end(incoming.statusCode, null);
    if (response.headersSent) return;
    const headers = incoming.rawHeaders.flatMap((value, index, all) =>
      index % 2 === 0 && !HOP_HEADERS.has(value.toLowerCase()) ? [value, all[index + 1]] : [],
    );
    response.writeHead(incoming.statusCode, incoming.statusMessage, [...headers, 'connection', 'close']);
    const copy = copyFor(asked, current.getStore(), incoming.headers['content-encoding']);
    if (copy !== null) {
      incoming.on('data', (chunk) => copy.add(chunk));
      incoming.on('end', () => copy.tell());
    }
    incoming.pipe(response);
    incoming.on('error', (error) => socket.destroy(error));
  });
  upstream.on('error', (error) => {
    if (sent.timedOut) return;
    sent.end(null, error);
    socket.destroy(error);
  });
  socket.once('close', () => upstream.destroy());
  upstream.end(body);
}

const HOP_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding']);

function realRequest(socket, target, request) {
  const { method, url, rawHeaders } = request;
  const options = { ...connectionOptions(target), method, path: url, agent: false, setHost: false };
  const made = (socket.isTls ? https : http).request(options);
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const name = rawHeaders[n];
    if (['connection', 'transfer-encoding'].includes(name.toLowerCase())) continue;
    const already = made.getHeader(name);
    made.setHeader(name, already === undefined ? rawHeaders[n + 1] : [already, rawHeaders[n + 1]].flat());
  }
  return made;
}

// What the app has said of the server and of TLS, without what belongs to its own request.
const TLS_OPTIONS = [
  'ca', 'cert', 'key', 'pfx', 'passphrase', 'ciphers', 'rejectUnauthorized', 'servername',
  'minVersion', 'maxVersion', 'secureContext', 'checkServerIdentity', 'family', 'lookup',
];

function connectionOptions(target) {
  const options = { host: target.host, port: target.port };
  for (const name of TLS_OPTIONS) {
    if (target[name] !== undefined && target[name] !== null) options[name] = target[name];
  }
  return options;
}

// A WebSocket: allowed or refused like any request, and then bytes both ways.
async function answerUpgrade(connection, request, peer, head) {
  const { socket, target, store } = connection;
  const asked = describe(connection, request, Buffer.alloc(0));
  const answered = await askAbout(asked, undefined, store);
  if (answered.network === 'fail') {
    socket.destroy(refusal(answered));
    return;
  }
  if (answered.network !== 'send') {
    const response = new http.ServerResponse(request);
    response.assignSocket(peer);
    response.on('finish', () => peer.end());
    writeAnswer(response, request, answered);
    return;
  }
  const sent = new SentRequest(asked, answered, () => socket.destroy());
  const upstream = letPass(() => {
    const made = realRequest(socket, target, request);
    made.setHeader('connection', 'Upgrade');
    return made;
  });
  upstream.on('upgrade', (incoming, opened, opening) => {
    sent.end(incoming.statusCode, null);
    const lines = [`HTTP/1.1 ${incoming.statusCode} ${incoming.statusMessage}`];
    for (let n = 0; n < incoming.rawHeaders.length; n += 2) {
      lines.push(`${incoming.rawHeaders[n]}: ${incoming.rawHeaders[n + 1]}`);
    }
    peer.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (opening.length > 0) peer.write(opening);
    if (head.length > 0) opened.write(head);
    opened.pipe(peer).pipe(opened);
    opened.on('error', () => socket.destroy());
    socket.once('close', () => opened.destroy());
  });
  upstream.on('response', (incoming) => {
    sent.end(incoming.statusCode, null);
    const response = new http.ServerResponse(request);
    response.assignSocket(peer);
    response.writeHead(incoming.statusCode, incoming.rawHeaders);
    incoming.pipe(response);
  });
  upstream.on('error', (error) => {
    sent.end(null, error);
    socket.destroy(error);
  });
  upstream.end();
}

module.exports = { serveConnection };
