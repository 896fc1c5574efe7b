'use strict';
// Connections to the outside: `http`, `https`, and every package that opens sockets by itself. No
// socket is opened. What the app writes is read as HTTP here, and forge-emu is asked about each
// request; what is no HTTP is refused.

const dgram = require('node:dgram');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const tls = require('node:tls');
const { syncBuiltinESMExports } = require('node:module');
const { current } = require('../context.cjs');
const { askAbout, refusal, isPassing } = require('./ask.cjs');
const { EgressSocket } = require('./socket.cjs');
const { installNames, nameOf } = require('./names.cjs');
const { serveConnection } = require('./http.cjs');
const { Number, Object, process } = globalThis;

function installSockets() {
  replaceConnect();
  replaceDatagrams();
  installNames();
  syncBuiltinESMExports();
}

function replaceConnect() {
  const { connect: netConnect } = net;
  const { connect: tlsConnect } = tls;
  const { connect: socketConnect } = net.Socket.prototype;
  net.connect = net.createConnection = function connect(...args) {
    const { target, listener } = parseArguments(args);
    if (isPassing() || target === null) return netConnect.apply(this, args);
    return openConnection(target, listener, false);
  };
  // Node's own agent has kept the function that was there before.
  http.Agent.prototype.createConnection = net.createConnection;
  tls.connect = function connect(...args) {
    const { target, listener } = parseArguments(args);
    const below = target?.socket;
    if (isPassing() || target === null) return tlsConnect.apply(this, args);
    // TLS upon a connection that is already open.
    if (below !== undefined && !(below instanceof EgressSocket)) return tlsConnect.apply(this, args);
    if (below !== undefined) return below.startTls(listener);
    return openConnection(target, listener, true);
  };
  // A socket that was made before it is connected: it cannot be replaced any more.
  net.Socket.prototype.connect = function connect(...args) {
    const flat = Array.isArray(args[0]) ? args[0] : args;
    const { target } = parseArguments(flat);
    if (isPassing() || target === null) return socketConnect.apply(this, args);
    refuseConnection('TCP', target, (error) => this.destroy(error));
    return this;
  };
}

// Where a connection goes; null for a socket of this machine's file system.
function parseArguments(args) {
  const listener = typeof args.at(-1) === 'function' ? args.at(-1) : undefined;
  const [first, second] = args;
  const isObject = first !== null && typeof first === 'object';
  const given = isObject ? { ...first } : { port: first };
  if (!isObject && !(Number(first) >= 0)) return { target: null, listener };
  if (!isObject && typeof second === 'string') given.host = second;
  const options = args.find((arg, index) => index > 0 && arg !== null && typeof arg === 'object');
  const target = { ...given, ...options };
  if (target.path !== undefined && target.port === undefined && target.host === undefined) {
    return { target: null, listener };
  }
  const isPipe = target.socketPath !== undefined && target.socketPath !== null;
  return { target: isPipe ? null : { ...target, host: hostOf(target) }, listener };
}

function hostOf({ host, hostname, servername }) {
  return nameOf(String(host ?? hostname ?? servername ?? 'localhost'));
}

function openConnection(target, listener, isTls) {
  const store = current.getStore();
  // An agent's connection is for a request that may be written later.
  const isHttp = target._agentKey !== undefined || target.agent !== undefined;
  const socket = new EgressSocket(target, isTls, isHttp, () => {
    refuseConnection('TCP', target, (error) => socket.destroy(error), store);
  });
  if (listener !== undefined) socket.once(isTls ? 'secureConnect' : 'connect', listener);
  serveConnection(socket, target, store);
  return socket;
}

function refuseConnection(kind, { host, port }, onRefused, store) {
  const scheme = kind.toLowerCase();
  const name = host.includes(':') ? `[${host}]` : host;
  const asked = { method: kind, url: `${scheme}://${name}:${port}`, headers: {}, body: null };
  askAbout(asked, undefined, store).then((answer) => onRefused(refusal(answer)), onRefused);
}

function replaceDatagrams() {
  const { send, connect } = dgram.Socket.prototype;
  dgram.Socket.prototype.send = function (...args) {
    if (isPassing()) return send.apply(this, args);
    const callback = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const host = typeof args.at(-1) === 'string' ? args.pop() : 'localhost';
    refuseConnection('UDP', { host, port: args.at(-1) }, (error) => {
      if (callback === undefined) this.emit('error', error);
      else callback(error);
    });
    return undefined;
  };
  dgram.Socket.prototype.connect = function (port, host, callback) {
    if (isPassing()) return connect.call(this, port, host, callback);
    const name = typeof host === 'string' ? host : 'localhost';
    const listener = typeof host === 'function' ? host : callback;
    refuseConnection('UDP', { host: name, port }, (error) => {
      if (listener === undefined) this.emit('error', error);
      else listener(error);
    });
    return undefined;
  };
}

module.exports = { installSockets };
