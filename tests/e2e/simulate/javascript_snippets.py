"""Handlers in JavaScript whose results the machine decides, unless it is kept from that."""

from __future__ import annotations

from textwrap import indent
from typing import Final

JAVASCRIPT: Final = {
    "calls of the thread pool": """\
const { promisify } = require('util');
const crypto = require('crypto');
const derive = promisify(crypto.pbkdf2);
const compress = promisify(require('zlib').gzip);
const { readFile } = require('fs').promises;
await Promise.all([
  ...[30000, 200, 5000, 1].map(async (n) => {
    await derive('a', 'b', n, 32, 'sha512');
    console.log('derived', n, Date.now());
  }),
  ...[1e6, 10, 1e5].map(async (n) => console.log((await compress(Buffer.alloc(n, 'ab'))).length)),
  ...[1, 2, 3].map(async (n) => console.log('read', n, (await readFile(__filename)).length > 0)),
  promisify(crypto.scrypt)('a', 'b', 32).then(() => console.log('scrypt')),
]);
console.log(await Promise.race(
  [1, 2, 3].map((n) => derive('a', 'b', 100, 8, 'md5').then(() => n)),
));""",
    "polling for the thread pool": """\
let [turns, done] = [0, false];
require('zlib').gzip('x'.repeat(1e6), () => { done = true; });
while (!done) { turns++; await new Promise((resolve) => setImmediate(resolve)); }
console.log(turns, Date.now());""",
    "streams of the thread pool": """\
const { pipeline } = require('stream/promises');
const { Readable } = require('stream');
const zlib = require('zlib');
await Promise.all([3, 1, 2].map(async (n) => {
  const sizes = [];
  const from = Readable.from([Buffer.alloc(100000 * n, 'a')]);
  await pipeline(from, zlib.createGzip(), async (chunks) => {
    for await (const chunk of chunks) sizes.push(chunk.length);
  });
  console.log(n, sizes.join());
}));""",
    "pairs of keys": """\
const crypto = require('crypto');
const { promisify } = require('util');
const pem = { format: 'pem', type: 'spki' };
const generate = promisify(crypto.generateKeyPair);
for (const type of ['ed25519', 'x25519', 'ed448', 'x448']) {
  console.log(crypto.generateKeyPairSync(type).publicKey.export(pem));
}
for (const namedCurve of ['P-256', 'secp384r1', 'P-521', 'secp256k1']) {
  console.log((await generate('ec', { namedCurve })).publicKey.export(pem));
}
const rsa = crypto.generateKeyPairSync('rsa', {
  modulusLength: 1024, publicKeyEncoding: pem, privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
});
console.log(rsa.publicKey, rsa.privateKey);
const signature = crypto.sign('sha256', Buffer.from('x'), rsa.privateKey);
console.log(crypto.verify('sha256', Buffer.from('x'), rsa.publicKey, signature));""",
    "secret keys, primes and exchanges": """\
const crypto = require('crypto');
const { promisify } = require('util');
console.log(crypto.generateKeySync('aes', { length: 128 }).export().toString('hex'));
console.log((await promisify(crypto.generateKey)('hmac', { length: 64 })).export().toString('hex'));
console.log(crypto.generatePrimeSync(64, { bigint: true }));
console.log(Buffer.from(await promisify(crypto.generatePrime)(64)).toString('hex'));
console.log(crypto.createECDH('secp256k1').generateKeys('hex'));
const prime = crypto.getDiffieHellman('modp1').getPrime();
const [a, b] = [1, 2].map(() => crypto.createDiffieHellman(prime));
a.generateKeys();
b.generateKeys();
const secrets = [[a, b], [b, a]].map(([one, other]) => one.computeSecret(other.getPublicKey()));
console.log(secrets[0].equals(secrets[1]));
console.log(a.getPublicKey('hex'));""",
    "keys of the web": """\
const { subtle } = crypto;
const aes = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']);
console.log(Buffer.from(await subtle.exportKey('raw', aes)).toString('hex'));
const curve = { name: 'ECDSA', namedCurve: 'P-256' };
const ec = await subtle.generateKey(curve, true, ['sign', 'verify']);
console.log(JSON.stringify(await subtle.exportKey('jwk', ec.privateKey)));
const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
const text = new TextEncoder().encode('x');
const signature = await subtle.sign(algorithm, ec.privateKey, text);
console.log(await subtle.verify(algorithm, ec.publicKey, signature, text));""",
    "contexts": """\
const vm = require('vm');
const code = `[
  Date.now(), Math.random(), new Date().toISOString(), Date(), new Date() instanceof Date,
].join()`;
console.log(vm.runInNewContext(code));
console.log(vm.runInContext(code, vm.createContext({})));
console.log(new vm.Script(code).runInNewContext({ x: 1 }));
console.log(vm.runInNewContext('Intl.DateTimeFormat("en").format() + new Date(0).toJSON()'));""",
    "dates": """\
const full = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'full' });
console.log(full.format(), full.format(0), [0].map(full.format).join());
console.log(full.formatToParts().map((part) => part.value).join(''));
console.log(new Date().toLocaleString('en'));""",
    "performance": """\
const { performance: p, PerformanceObserver, createHistogram } = require('perf_hooks');
const observer = new PerformanceObserver((list) =>
  console.log(JSON.stringify(list.getEntries().map((e) => [e.name, e.duration, e.startTime]))));
observer.observe({ entryTypes: ['function', 'measure'] });
p.mark('a');
await new Promise((resolve) => setTimeout(resolve, 7));
const measured = [p.measure('m', 'a'), p.measure('n'), p.measure('o', { start: 1, end: 3 })];
console.log(measured.map((each) => each.duration).join());
p.timerify(function named() {})();
const histogram = createHistogram();
p.timerify(() => {}, { histogram })();
console.log(histogram.min, histogram.max, histogram.count);
console.log(JSON.stringify([p.toJSON(), p.eventLoopUtilization(), p.nodeTiming.duration]));
console.log(new Event('x').timeStamp);
await new Promise((resolve) => setTimeout(resolve, 7));
observer.disconnect();""",
    "the process and the machine": """\
const os = require('os');
const memory = [process.memoryUsage(), process.memoryUsage.rss()];
const told = [process.pid, process.ppid, memory, process.uptime(), process.kill(process.pid, 0)];
console.log(JSON.stringify([told, process.cpuUsage(), process.resourceUsage()]));
console.log(JSON.stringify([os.uptime(), os.loadavg(), os.freemem(), os.cpus()]));
console.log(process.env.UV_THREADPOOL_SIZE, process.cwd(), __dirname);""",
    "names of temporary folders": """\
const fs = require('fs');
const { promisify } = require('util');
const prefix = require('path').join(require('os').tmpdir(), 'forge-emu-');
const made = [fs.mkdtempSync(prefix), await fs.promises.mkdtemp(prefix)];
made.push(await promisify(fs.mkdtemp)(prefix));
for (const folder of made) { console.log(folder); fs.rmdirSync(folder); }""",
    "waits of atomics": """\
const cell = new Int32Array(new SharedArrayBuffer(4));
const began = Date.now();
console.log(await Atomics.waitAsync(cell, 0, 0, 50).value, Date.now() - began);
console.log(Atomics.wait(cell, 0, 0, 30), Date.now() - began);
console.log(Atomics.waitAsync(cell, 0, 1, 50).value, Atomics.wait(cell, 0, 1));
const later = Atomics.waitAsync(cell, 0, 0, 50);
Atomics.notify(cell, 0);
console.log(await later.value, Date.now() - began);""",
}
"""What is printed is compared."""


def javascript_source() -> str:
    """A module with a handler for each of JAVASCRIPT."""
    return "\n\n".join(
        f"exports.f{n} = async () => {{\n{indent(code, '  ')}\n}};"
        for n, code in enumerate(JAVASCRIPT.values())
    )
