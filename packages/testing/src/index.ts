export type {
  AnyEvent, PreUninstallAnswer, PushOptions, Schedule, TriggerOptions, TriggerReceipt,
} from './actions.js';
export { Clock, Emulator } from './emulator.js';
export type { Snapshot } from './emulator.js';
export { CallError, EmulatorError, PushError } from './errors.js';
export type { ErrorReport, PushRefusal } from './errors.js';
export type {
  Attempt, EventInvocation, EventPayload, EventState, ProductEvent, QueueCounts, QueuedEvent,
} from './events.js';
export type { EmulatorOptions } from './options.js';
export type { Span } from './durations.js';
export { Site } from './site.js';
export type { SiteAnswer } from './site.js';
export { Store } from './store.js';
export type { Advice, EventFigures, RunSummary, WholeSummary } from './summary.js';
export type { WebOptions, WebResponse } from './web.js';
