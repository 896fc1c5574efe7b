import api, { route } from '@forge/api';
import { Queue } from '@forge/events';
import kvs, { WhereConditions } from '@forge/kvs';

const queue = new Queue({ key: 'pages' });
const requests = kvs.entity('request');

// Without its configuration it does nothing, as apps do that wait for an administrator.
export async function start() {
  const configuration = await kvs.get('configuration');
  if (!configuration) return console.log('not configured');
  await kvs.setSecret('token', 'kept-from-everybody');
  return queue.push({ body: { project: configuration.project } });
}

export async function readPage(event) {
  const { project, token } = event.body;
  const jql = `project = ${project} ORDER BY created`;
  const path = route`/rest/api/3/search/jql?jql=${jql}&maxResults=40&fields=labels`;
  const next = token ? route`${path}&nextPageToken=${token}` : path;
  const page = await (await api.asApp().requestJira(next)).json();
  const transaction = kvs.transact();
  for (const { key, fields } of page.issues.slice(0, 20)) {
    transaction.set(key, { project, labels: fields.labels.length }, { entityName: 'request' });
  }
  await transaction.execute();
  await Promise.all(page.issues.slice(20).map(({ key, fields }) =>
    requests.set(key, { project, labels: fields.labels.length })));
  if (page.nextPageToken) {
    await queue.push({
      body: { project, token: page.nextPageToken }, concurrency: { key: project, limit: 1 },
    });
    return;
  }
  const many = await requests.query().index('by-project', { partition: [project] })
    .where(WhereConditions.greaterThan(-1)).limit(100).getMany();
  console.log(`read ${many.results.length}`, await kvs.getSecret('token') !== undefined);
}
