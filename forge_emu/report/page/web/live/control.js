// What the page asks of the emulator: the routes of the control API that the commands use.

// What the server refused, in its own words.
export class Refusal extends Error {}

export async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method, cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  } catch {
    throw new Refusal('the emulator does not answer');
  }
  const text = await answer.text();
  if (answer.ok) return text ? JSON.parse(text) : null;
  let error = { message: `${answer.status} ${answer.statusText}`, hint: null };
  try { error = JSON.parse(text).error; } catch { /* It was not the API that answered. */ }
  const refusal = new Refusal(error.hint ? `${error.message}. ${error.hint}` : error.message);
  refusal.status = answer.status;
  throw refusal;
}

export const changeQueue = (order) => ask('POST', '/v1/queue', order);
export const setClock = (order) => ask('POST', '/v1/clock', order);
export const trigger = (order) => ask('POST', '/v1/trigger', order);
export const query = (values) => new URLSearchParams(Object.entries(values).filter(([, v]) => v !== '' && v !== false).map(([k, v]) => [k, v === true ? '1' : String(v)])).toString();

// What was done last, or why not, for all who show it.
export const notice = { text: '', isBad: false, listeners: new Set() };

export function say(text, isBad = false) {
  Object.assign(notice, { text, isBad });
  for (const listener of notice.listeners) listener();
}

// Does `action`, and says `done(answer)`, or the server's words where it refuses.
export async function perform(action, done) {
  try {
    const answer = await action();
    say(done(answer));
    return answer;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(error.message, true);
    return null;
  }
}
