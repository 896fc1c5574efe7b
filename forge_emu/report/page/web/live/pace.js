// How often a live page is drawn: with every line of the stream where that takes little time.

// The browser draws on the processors that the emulator runs on. Where drawing is slow, it gets this
// part of the time; what the user does on the page is drawn at once.
const PART = 1 / 40;
// But once in so long, however slow it is.
const LONGEST_MS = 1_000;

// A function that draws the last of what it was given, once per frame at most.
export function pacedDrawing(draw) {
  let next = null;
  let drawAt = 0;
  const drawNext = () => {
    const began = performance.now();
    const last = next;
    next = null;
    draw(last);
    // After the frame, with what the browser itself has to do for it.
    setTimeout(() => {
      const ended = performance.now();
      drawAt = began + Math.min((ended - began) / PART, LONGEST_MS);
    });
  };
  return (found) => {
    if (next === null) {
      setTimeout(() => requestAnimationFrame(drawNext), Math.max(0, drawAt - performance.now()));
    }
    next = found;
  };
}
