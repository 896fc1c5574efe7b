import api, { route, startsWith, storage } from '@forge/api';
import { InvocationError, Queue } from '@forge/events';
import Resolver from '@forge/resolver';

const queue = new Queue({ key: 'import' });
const definitions = new Resolver();

definitions.define('begin', async ({ payload }) => ({ job: await queue.push(payload) }));

definitions.define('import', async ({ payload, context }) => {
  if (!payload.retryContext) return new InvocationError({ retryAfter: 10 });
  const path = route`/rest/api/3/issue/${payload.key}`;
  const issue = await (await api.asApp().requestJira(path)).json();
  await storage.set(`imported-${payload.key}`, issue.fields.summary);
  console.log(`imported ${payload.key} ${typeof context.jobId}`);
});

export const resolver = definitions.getDefinitions();

export async function created(event) {
  const job = await queue.push({ key: event.issue.key }, { delayInSeconds: 5 });
  const path = route`/rest/api/3/issue/${event.issue.key}/properties/import`;
  const response = await api.asApp().requestJira(path, { method: 'PUT', body: JSON.stringify({ job }) });
  console.log(`queued ${event.issue.key} ${response.status}`);
}

export async function tidy() {
  const found = await storage.query().where('key', startsWith('imported-')).getMany();
  for (const { key } of found.results) await storage.delete(key);
  console.log(`tidied ${found.results.length}`);
}
