import { webTrigger } from '@forge/api';
import { Queue } from '@forge/events';
import kvs from '@forge/kvs';
import Resolver from '@forge/resolver';

const queue = new Queue({ key: 'notes' });

const definitions = new Resolver();
definitions.define('save', async ({ payload, context }) => {
  await queue.push({ body: payload });
  const { accountId, extension, moduleKey } = context;
  return { payload, account: accountId, issue: extension.issue.key, module: moduleKey };
});

export const resolver = definitions.getDefinitions();

export async function note(event) {
  await kvs.set('note', event.body.note);
}

const RESULTS = {
  '/bad': { statusCode: '200' },
  '/text': 'only text',
  '/head': { statusCode: 200, body: 'not sent for HEAD' },
};

export async function hook(event) {
  if (event.userPath === '/throw') throw new Error('a secret of the app');
  if (event.userPath in RESULTS) return RESULTS[event.userPath];
  return {
    statusCode: 207,
    headers: { 'X-Seen': ['one', 'two'], 'Content-Type': ['application/json'] },
    body: JSON.stringify(event),
  };
}

export async function fixed(event) {
  return { outputKey: event.queryParameters.key[0] };
}

export const echo = async (event) => event;

export async function fails() {
  throw new TypeError('no luck');
}

export async function address({ key, deleted, ...options }) {
  if (deleted) return webTrigger.deleteUrl(deleted);
  return webTrigger.getUrl(key, options);
}

export const validate = ({ issue, transition, configuration }) => ({
  result: transition.to.id !== transition.from.id && !configuration.strict,
  errorMessage: `${issue.key} is not reviewed`,
});

export const count = async (payload, { accountId }) => ({ ...payload, accountId });
