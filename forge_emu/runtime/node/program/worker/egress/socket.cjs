'use strict';
// The app's end of a connection to the outside that was never opened.

const { Duplex } = require('node:stream');
const { Buffer, Object, process } = globalThis;

// How what the app sends first begins if it is HTTP/1.
const HTTP_START = /^[A-Z][A-Z-]* \S/;
const LONGEST_METHOD = 20;
// Emulated milliseconds in which a connection that no agent has opened has to begin a request: other
// protocols wait for the server.
const FIRST_BYTES_MS = 100;

class EgressSocket extends Duplex {
  connecting = true;
  pending = true;
  encrypted = false;
  authorized = false;
  alpnProtocol = false;
  bytesWritten = 0;
  timeout = 0;
  #first = Buffer.alloc(0);
  #isKnown = false;
  #onNoHttp;
  #firstTimer = null;
  #timer = null;
  // The other end; the app's bytes are pushed there.
  peer = new Peer(this);

  // Calls `onNoHttp` when the app speaks another protocol than HTTP.
  constructor(target, isTls, isHttp, onNoHttp) {
    super({ allowHalfOpen: true });
    this.remoteAddress = target.host;
    this.remotePort = Number(target.port);
    this.#onNoHttp = onNoHttp;
    if (isTls) Object.assign(this, { encrypted: true, authorized: true });
    process.nextTick(() => {
      if (this.destroyed) return;
      Object.assign(this, { connecting: false, pending: false });
      this.emit('connect');
      this.emit('ready');
      if (isTls) this.emit('secureConnect');
      if (isHttp || this.#isKnown) return;
      this.#firstTimer = globalThis.setTimeout(() => this.#refuse(), FIRST_BYTES_MS);
    });
  }

  get isTls() {
    return this.encrypted;
  }

  // TLS upon this connection: nothing is encrypted that goes nowhere.
  startTls(listener) {
    Object.assign(this, { encrypted: true, authorized: true });
    if (listener !== undefined) this.once('secureConnect', listener);
    process.nextTick(() => this.emit('secureConnect'));
    return this;
  }

  _read() {}

  _write(chunk, encoding, callback) {
    this.#restartTimer();
    this.bytesWritten += chunk.length;
    if (this.#isKnown) {
      this.peer.push(chunk);
    } else {
      this.#first = Buffer.concat([this.#first, chunk]);
      const start = this.#first.toString('latin1', 0, LONGEST_METHOD + 2);
      if (HTTP_START.test(start)) this.#accept();
      else if (!/^[A-Z][A-Z-]*( ?$)/.test(start)) this.#refuse();
    }
    callback();
  }

  _final(callback) {
    this.peer.push(null);
    callback();
  }

  _destroy(error, callback) {
    globalThis.clearTimeout(this.#firstTimer);
    globalThis.clearTimeout(this.#timer);
    this.peer.destroy();
    callback(error);
  }

  #accept() {
    this.#isKnown = true;
    globalThis.clearTimeout(this.#firstTimer);
    this.peer.push(this.#first);
  }

  #refuse() {
    globalThis.clearTimeout(this.#firstTimer);
    if (this.#isKnown || this.destroyed) return;
    this.#isKnown = true;
    this.#onNoHttp();
  }

  // As of `net.Socket`: 'timeout' after so long without anything sent or received.
  setTimeout(ms, listener) {
    this.timeout = ms;
    if (listener !== undefined) {
      if (ms === 0) this.removeListener('timeout', listener);
      else this.once('timeout', listener);
    }
    this.#restartTimer();
    return this;
  }

  received() {
    this.#restartTimer();
  }

  #restartTimer() {
    globalThis.clearTimeout(this.#timer);
    if (this.timeout > 0) {
      this.#timer = globalThis.setTimeout(() => this.emit('timeout'), this.timeout);
    }
  }

  setNoDelay() {
    return this;
  }

  setKeepAlive() {
    return this;
  }

  ref() {
    return this;
  }

  unref() {
    return this;
  }

  address() {
    return {};
  }

  getPeerCertificate() {
    return {};
  }

  getCipher() {
    return { name: 'TLS_AES_256_GCM_SHA384', version: 'TLSv1.3' };
  }

  getProtocol() {
    return 'TLSv1.3';
  }

  getSession() {
    return undefined;
  }

  isSessionReused() {
    return false;
  }
}

class Peer extends Duplex {
  #socket;

  constructor(socket) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
  }

  _read() {}

  _write(chunk, encoding, callback) {
    this.#socket.received();
    this.#socket.push(chunk);
    callback();
  }

  _final(callback) {
    this.#socket.push(null);
    callback();
  }

  _destroy(error, callback) {
    if (!this.#socket.readableEnded) this.#socket.push(null);
    callback(error);
  }

  setTimeout() {
    return this;
  }

  setNoDelay() {
    return this;
  }

  setKeepAlive() {
    return this;
  }
}

module.exports = { EgressSocket };
