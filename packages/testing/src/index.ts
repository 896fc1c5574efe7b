export { Clock, Emulator } from './emulator.js';
export type { PushOptions, Snapshot, TriggerOptions, TriggerReceipt } from './emulator.js';
export { CallError, EmulatorError, PushError } from './errors.js';
export type { ErrorReport, PushRefusal } from './errors.js';
export type { Attempt, EventState, ProductEvent, QueueCounts, QueuedEvent } from './events.js';
export type { EmulatorOptions } from './options.js';
export type { Span } from './durations.js';
export { Store } from './store.js';
export type { Advice, EventFigures, RunSummary, WholeSummary } from './summary.js';
