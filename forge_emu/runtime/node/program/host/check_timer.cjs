'use strict';
// When a thread is checked: often while an invocation is under way there, else now and then.

// Milliseconds between two checks: for an invocation whose code does not let go, which may outgrow
// its memory meanwhile, and for code of ended invocations that blocks it, which has no deadline.
const CHECK_INTERVAL_MS = 20;
const IDLE_INTERVAL_MS = 200;

class CheckTimer {
  #check;
  #timer;
  #interval = 0;
  #hasBeenGiven = true;

  constructor(check) {
    this.#check = check;
  }

  start() {
    this.#every(CHECK_INTERVAL_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  // The thread is given something to do.
  give() {
    this.#hasBeenGiven = true;
    if (this.#interval === IDLE_INTERVAL_MS) this.start();
  }

  // The thread has answered; `isIdle`: with nothing under way, but for what it was given since.
  noteAnswer(isIdle) {
    this.#every(isIdle && !this.#hasBeenGiven ? IDLE_INTERVAL_MS : CHECK_INTERVAL_MS);
    this.#hasBeenGiven = false;
  }

  #every(ms) {
    if (this.#interval === ms) return;
    this.#interval = ms;
    clearInterval(this.#timer);
    this.#timer = setInterval(this.#check, ms);
  }
}

module.exports = { CHECK_INTERVAL_MS, CheckTimer };
