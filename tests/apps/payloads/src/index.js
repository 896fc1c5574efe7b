import api, { route } from '@forge/api';
import { InvocationError, Queue } from '@forge/events';
import { kvs } from '@forge/kvs';

const queue = new Queue({ key: 'looks' });

export async function created(event) {
  await queue.push({ body: { key: event.issue.key, wanted: 'first' } });
  return { queued: event.issue.key };
}

export async function look(event) {
  const { key, wanted } = event.body;
  console.log(`looking at ${key} for the ${wanted} time`);
  await kvs.setSecret('password', { text: 'the-secret-canary', pin: 4711 });
  await kvs.getSecret('password');
  const answer = await api.asApp().requestJira(route`/rest/api/3/issue/${key}`, {
    headers: { Authorization: 'Bearer header-canary' },
  });
  if (wanted === 'error') throw new TypeError('wanted');
  if (event.retryContext === undefined && wanted === 'retry') {
    return new InvocationError({ retryAfter: 1, retryData: { seen: answer.status } });
  }
  return { status: answer.status };
}

export async function hook(request) {
  return { statusCode: 200, body: request.method };
}
