// One range of time, in seconds, that every chart over time shows.

const PADDING = 0.012;
const ROOM = 0.06;

export class TimeRange {
  // All of the time is shown, and what comes to it, until a reader chooses a part.
  #isWhole = true;

  constructor(first, last) {
    this.listeners = new Set();
    this.full = this.shown = [0, 1];
    this.grow(first, last);
  }

  // The run lasts from `first` to `last`, in milliseconds.
  grow(first, last) {
    // Padding on both sides, so that no mark is on the edge.
    const padding = Math.max((last - first) / 1000, 1) * PADDING;
    const from = first / 1000 - padding;
    this.full = [from, Math.max(last / 1000 + padding, from + 1)];
    if (this.#isWhole) this.reset();
  }

  // As `grow`, for a run that goes on: with room at the end, so that not each step draws the charts anew.
  follow(first, last) {
    const extent = Math.max((last - first) / 1000, 1);
    const [from, to] = this.full;
    if (from <= first / 1000 && last / 1000 <= to && to - last / 1000 <= extent) return;
    this.full = [first / 1000 - extent * PADDING, last / 1000 + extent * ROOM];
    if (this.#isWhole) this.reset();
  }

  show(from, to) {
    const [first, last] = this.full;
    const extent = Math.min(Math.max(to - from, 0.5), last - first);
    const start = Math.min(Math.max(from, first), last - extent);
    this.#isWhole = extent === last - first;
    this.#set([start, start + extent]);
  }

  zoom(factor) {
    const [from, to] = this.shown;
    const middle = (from + to) / 2;
    const half = ((to - from) / 2) * factor;
    this.show(middle - half, middle + half);
  }

  move(share) {
    const [from, to] = this.shown;
    this.show(from + (to - from) * share, to + (to - from) * share);
  }

  reset() {
    this.#isWhole = true;
    this.#set(this.full);
  }

  #set(shown) {
    this.shown = shown;
    for (const listener of this.listeners) listener(shown);
  }
}
