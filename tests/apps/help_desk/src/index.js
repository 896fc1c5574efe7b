import api, { fetch, route } from '@forge/api';
import kvs from '@forge/kvs';

const json = { headers: { 'Content-Type': 'application/json' } };

export async function setUp(event) {
  await kvs.set('desk', { project: 'EMU', from: event.context.moduleKey });
}

export async function receive(event, context) {
  const { key } = event.issue;
  const desk = (await kvs.get('desk')) ?? { project: 'none' };
  const response = await api.asApp().requestJira(route`/rest/api/3/issue/${key}`, {
    ...json,
    method: 'PUT',
    body: JSON.stringify({ fields: { labels: ['received'] } }),
  });
  console.log(`received ${key} of ${desk.project} by ${desk.from} in ${event.context.moduleKey}`,
    response.status, context.installContext.endsWith(event.context.cloudId), process.env.MODE);
  const sent = await fetch('https://hooks.desk.example/new', { method: 'POST', body: key });
  console.log(`told ${sent.status}`);
}

export async function readPage(event) {
  const { id } = event.content;
  const response = await api.asApp().requestConfluence(route`/wiki/api/v2/pages/${id}`);
  const page = await response.json();
  console.log(`page ${page.id} ${page.title === event.content.title}`);
}

export async function intake(request) {
  const { summary } = JSON.parse(request.body);
  const response = await api.asApp().requestJira(route`/rest/api/3/issue`, {
    ...json,
    method: 'POST',
    body: JSON.stringify({
      fields: { project: { key: 'EMU' }, issuetype: { name: 'Task' }, summary },
    }),
  });
  const body = JSON.stringify(await response.json());
  return { statusCode: response.status, headers: { 'Content-Type': ['application/json'] }, body };
}

export async function summarize() {
  const response = await api.asApp().requestJira(route`/rest/api/3/search/approximate-count`, {
    ...json,
    method: 'POST',
    body: JSON.stringify({ jql: 'statusCategory != Done' }),
  });
  return `${(await response.json()).count} requests are open.`;
}
