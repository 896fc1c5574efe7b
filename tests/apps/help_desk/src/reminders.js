import api, { route } from '@forge/api';
import { InvocationError, Queue } from '@forge/events';
import kvs from '@forge/kvs';
import Resolver from '@forge/resolver';

const queue = new Queue({ key: 'reminders' });
const definitions = new Resolver();

export async function schedule() {
  let nextPageToken;
  do {
    const path = route`/rest/api/3/search/jql`;
    const response = await api.asApp().requestJira(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        jql: 'labels = received ORDER BY key', fields: ['summary'], maxResults: 2, nextPageToken,
      }),
    });
    const page = await response.json();
    await queue.push(page.issues.map(({ key }) => ({ body: { key } })));
    ({ nextPageToken } = page);
  } while (nextPageToken);
}

definitions.define('remind', async ({ payload }) => {
  const { key, retryContext } = payload;
  if (!retryContext) return new InvocationError({ retryAfter: 30 });
  const response = await api.asApp().requestJira(route`/rest/api/2/issue/${key}/comment`, {
    method: 'POST', body: JSON.stringify({ body: 'Still open.' }),
  });
  await kvs.set(`reminded:${key}`, (await response.json()).id);
});

export const resolver = definitions.getDefinitions();
