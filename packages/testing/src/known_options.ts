import { EmulatorError } from './errors.js';

/**
 * Throws EmulatorError for an option that there is not, and for options that are no object: TypeScript
 * refuses both, JavaScript would go on without them.
 */
export function checkOptions(given: unknown, known: readonly string[]): void {
  const there = `The options are an object with ${known.join(', ')}.`;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new EmulatorError(`${JSON.stringify(given)} is no object of options`, there);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new EmulatorError(`there is no option ${JSON.stringify(unknown)}`, there);
}
