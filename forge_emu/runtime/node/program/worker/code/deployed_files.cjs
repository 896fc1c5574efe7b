'use strict';
// The file system of a deployed function, for code of the app that uses `node:fs`: the sources of
// the app are not there, what is deployed is read-only, and only /tmp can be written to, up to a
// limit for each instance. Programs that an app starts see the machine's files as they are.

const nodeFs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { fileURLToPath } = require('node:url');
const { Buffer, fs, newSafeMap } = require('../primordials.cjs');
const { current, loading } = require('../context.cjs');

const ERRORS = {
  ENOENT: [-2, 'no such file or directory'],
  EROFS: [-30, 'read-only file system'],
  ENOSPC: [-28, 'no space left on device'],
};
const MB = 1024 * 1024;

// What functions of `node:fs` do with the paths among their arguments.
const READS = [
  'access', 'exists', 'lstat', 'opendir', 'readdir', 'readFile', 'readlink', 'realpath', 'stat',
  'statfs', 'watch', 'watchFile',
];
const WRITES = [
  'appendFile', 'chmod', 'chown', 'lchown', 'lutimes', 'mkdir', 'mkdtemp', 'rm', 'rmdir',
  'truncate', 'unlink', 'utimes', 'writeFile',
];
const OPENS = ['open'];
const READ_THEN_WRITE = ['copyFile', 'cp', 'link'];
const WRITE_BOTH = ['rename'];
const WRITE_SECOND = ['symlink'];
const DATA_WRITES = new Set(['appendFile', 'writeFile']);

class DeployedFiles {
  #hidden;
  #limit;
  #shown = new Set();
  #writable = [...new Set(['/tmp', os.tmpdir(), '/dev'])];
  // The files that an instance has written below /tmp.
  #written = new WeakMap();
  #opened = newSafeMap();

  // `hidden` is the folder of the app, `tmp_mb` the size of /tmp in MB, null for no limit.
  constructor({ hidden, tmp_mb: tmpMb }) {
    this.#hidden = hidden;
    this.#limit = tmpMb === null ? Infinity : tmpMb * MB;
  }

  // Shows a folder within the one that is hidden.
  show(folder) {
    this.#shown.add(folder);
  }

  install() {
    for (const name of READS) this.#limitAll(name, (args) => [[args[0], 'read']]);
    for (const name of WRITES) this.#limitAll(name, (args) => [[args[0], 'write', sizeOf(name, args)]]);
    for (const name of OPENS) this.#limitAll(name, (args) => [[args[0], modeOf(args[1])]]);
    for (const name of READ_THEN_WRITE) {
      this.#limitAll(name, (args) => [[args[0], 'read'], [args[1], 'write', fileSize(args[0])]]);
    }
    for (const name of WRITE_BOTH) {
      this.#limitAll(name, (args) => [[args[0], 'write'], [args[1], 'write']]);
    }
    for (const name of WRITE_SECOND) this.#limitAll(name, (args) => [[args[1], 'write']]);
    this.#limitDescriptors();
  }

  #limitAll(name, usesOf) {
    const check = (args) => this.#check(name, args, usesOf);
    for (const [object, method, wrap] of [
      [nodeFs, name, wrapCallback],
      [nodeFs, `${name}Sync`, wrapSync],
      [nodeFs.promises, name, wrapPromise],
    ]) {
      const original = object[method];
      if (typeof original !== 'function') continue;
      object[method] = Object.assign(wrap(original, check, name), original);
    }
  }

  // The error that a call meets, null for none.
  #check(name, args, usesOf) {
    for (const [given, mode, bytes] of usesOf(args)) {
      const file = absolutePath(given);
      if (file === null) continue;
      const code = this.#errorCode(file, mode, bytes ?? 0);
      if (code !== null) return systemError(code, name, given);
    }
    return null;
  }

  #errorCode(file, mode, bytes) {
    if (isBelow(file, this.#hidden)) {
      const isShown = [...this.#shown].some((folder) => isBelow(file, folder));
      if (!isShown) return 'ENOENT';
      return mode === 'write' ? 'EROFS' : null;
    }
    if (mode !== 'write') return null;
    if (!this.#writable.some((folder) => isBelow(file, folder))) return 'EROFS';
    return this.#hasRoom(file, bytes) ? null : 'ENOSPC';
  }

  #hasRoom(file, bytes) {
    const owner = loading.instance ?? current.getStore()?.instance ?? this;
    if (!this.#written.has(owner)) this.#written.set(owner, new Set());
    const files = this.#written.get(owner);
    files.add(file);
    let used = bytes;
    for (const name of files) used += fileSize(name);
    return used <= this.#limit;
  }

  // Files that are written through a descriptor count as they grow.
  #limitDescriptors() {
    const remember = (fd, given, flags) => {
      const file = modeOf(flags) === 'write' ? absolutePath(given) : null;
      if (file === null) this.#opened.delete(fd);
      else this.#opened.set(fd, file);
    };
    const check = ([fd, data]) => {
      const file = this.#opened.get(fd);
      if (file === undefined || this.#hasRoom(file, lengthOf(data))) return null;
      return systemError('ENOSPC', 'write');
    };
    const { open, openSync, promises } = nodeFs;
    nodeFs.openSync = (...args) => {
      const fd = openSync(...args);
      remember(fd, args[0], args[1]);
      return fd;
    };
    nodeFs.open = (...args) => {
      const callback = args.pop();
      open(...args, (error, fd) => {
        if (!error) remember(fd, args[0], args[1]);
        callback(error, fd);
      });
    };
    for (const name of ['write', 'writev']) {
      nodeFs[name] = Object.assign(wrapCallback(nodeFs[name], check, name), nodeFs[name]);
      nodeFs[`${name}Sync`] = wrapSync(nodeFs[`${name}Sync`], check, name);
    }
    const openHandle = promises.open;
    promises.open = async (...args) => {
      const handle = await openHandle(...args);
      remember(handle.fd, args[0], args[1]);
      for (const name of ['appendFile', 'write', 'writeFile', 'writev']) {
        const original = handle[name].bind(handle);
        handle[name] = wrapPromise(original, ([data]) => check([handle.fd, data]), name);
      }
      return handle;
    };
  }
}

function wrapSync(original, check, name) {
  return function (...args) {
    const error = check(args);
    if (error === null) return original.apply(this, args);
    if (name === 'exists') return false;
    const quiet = args.some((arg) => arg?.throwIfNoEntry === false);
    if (quiet && error.code === 'ENOENT') return undefined;
    throw error;
  };
}

function wrapCallback(original, check, name) {
  return function (...args) {
    const error = check(args);
    if (error === null) return original.apply(this, args);
    const callback = args.at(-1);
    if (typeof callback !== 'function') throw error;
    process.nextTick(callback, name === 'exists' ? false : error);
    return undefined;
  };
}

function wrapPromise(original, check) {
  return async function (...args) {
    const error = check(args);
    if (error !== null) throw error;
    return original.apply(this, args);
  };
}

function absolutePath(given) {
  if (typeof given === 'string') return path.resolve(given);
  if (Buffer.isBuffer(given)) return path.resolve(String(given));
  try {
    return given instanceof URL ? fileURLToPath(given) : null;
  } catch {
    return null;
  }
}

function isBelow(file, folder) {
  return file === folder || file.startsWith(folder + path.sep);
}

function modeOf(flags) {
  if (typeof flags === 'number') {
    const { O_CREAT, O_RDWR, O_WRONLY } = fs.constants;
    return (flags & (O_CREAT | O_RDWR | O_WRONLY)) === 0 ? 'read' : 'write';
  }
  return typeof flags === 'string' && !/^r?s?r?$/.test(flags) ? 'write' : 'read';
}

function sizeOf(name, [, data]) {
  return DATA_WRITES.has(name) ? lengthOf(data) : 0;
}

function lengthOf(data) {
  if (typeof data === 'string') return Buffer.byteLength(data);
  if (Array.isArray(data)) return data.reduce((sum, each) => sum + lengthOf(each), 0);
  return data?.byteLength ?? 0;
}

function fileSize(given) {
  const file = absolutePath(given);
  return (file && fs.statSync(file, { throwIfNoEntry: false })?.size) || 0;
}

function systemError(code, name, given) {
  const [errno, text] = ERRORS[code];
  const where = given === undefined ? '' : ` '${given instanceof URL ? absolutePath(given) : given}'`;
  const syscall = SYSCALLS[name] ?? name;
  const error = new Error(`${code}: ${text}, ${syscall}${where}`);
  const file = given === undefined ? {} : { path: String(given) };
  return Object.assign(error, { errno, code, syscall, ...file });
}

const SYSCALLS = {
  appendFile: 'open', copyFile: 'copyfile', readFile: 'open', readdir: 'scandir', rm: 'rm',
  truncate: 'open', utimes: 'utime', writeFile: 'open',
};

// Limits `node:fs` where the app runs as deployed; answers what shows folders of the app.
function installDeployedFiles(settings) {
  if (settings === null) return () => {};
  const files = new DeployedFiles(settings);
  files.install();
  return (folder) => files.show(folder);
}

module.exports = { installDeployedFiles };
