'use strict';
// What `__forge_fetch__` answers: a `Response`. Most of what one with a body takes is for a stream,
// which `text` and `json` do not need. So a `LightResponse` has the body as text, and asks a real
// one for everything else.

const { Headers, Object, Response } = globalThis;
const { ownKeys, getOwnPropertyDescriptor } = Reflect;
const { parse } = JSON;

const isWellFormed = Function.prototype.call.bind(String.prototype.isWellFormed);
const charCodeAt = Function.prototype.call.bind(String.prototype.charCodeAt);
const { prototype } = Response;
const { json, text } = prototype;

const BYTE_ORDER_MARK = 0xfeff;

// The real one of a `LightResponse`.
let realOf = null;

class LightResponse {
  #init;
  #body;
  #headers = null;
  #real = null;
  #isRead = false;

  static {
    realOf = (response) => response.#toReal();
  }

  constructor(body, init) {
    this.#body = body;
    this.#init = init;
  }

  get status() {
    return this.#init.status;
  }

  get statusText() {
    return this.#init.statusText;
  }

  get ok() {
    const { status } = this.#init;
    return status >= 200 && status <= 299;
  }

  get headers() {
    this.#headers ??= new Headers(this.#init.headers);
    return this.#headers;
  }

  get bodyUsed() {
    return this.#real === null ? this.#isRead : this.#real.bodyUsed;
  }

  async text() {
    return this.#isTextLeft() ? this.#body : this.#toReal().text();
  }

  async json() {
    return this.#isTextLeft() ? parse(this.#body) : this.#toReal().json();
  }

  // Whether the caller is the first to read the body.
  #isTextLeft() {
    if (this.#isRead || this.#real !== null) return false;
    this.#isRead = true;
    return true;
  }

  #toReal() {
    if (this.#real === null) {
      this.#real = new Response(this.#body, { ...this.#init, headers: this.headers });
      if (this.#isRead) this.#real.text();
    }
    // The app may have changed the headers since.
    const { headers } = this.#real;
    for (const name of [...headers.keys()]) headers.delete(name);
    for (const [name, value] of this.headers) headers.append(name, value);
    return this.#real;
  }
}

// The other members, and for `instanceof` the prototype.
const light = LightResponse.prototype;
delete light.constructor;
for (const name of ownKeys(prototype)) {
  const { get, value } = getOwnPropertyDescriptor(prototype, name);
  const own = getOwnPropertyDescriptor(light, name);
  if (own !== undefined) Object.defineProperty(light, name, { ...own, enumerable: true });
  else if (get !== undefined) defineMember(name, { get() { return get.call(realOf(this)); } });
  else if (typeof name === 'string' && name !== 'constructor') {
    defineMember(name, { writable: true, value(...given) { return value.apply(realOf(this), given); } });
  }
}
Object.setPrototypeOf(light, prototype);

function defineMember(name, property) {
  Object.defineProperty(light, name, { configurable: true, enumerable: true, ...property });
}

// A `Response`; `body` is a text, or null for a status that has none.
function createResponse(body, init) {
  const isPlain =
    body !== null && isWellFormed(body) && charCodeAt(body, 0) !== BYTE_ORDER_MARK &&
    // A real one throws at other statuses.
    init.status >= 200 && init.status <= 599 &&
    // The app may have replaced them.
    prototype.text === text && prototype.json === json;
  return isPlain ? new LightResponse(body, init) : new Response(body, init);
}

module.exports = { createResponse };
