import api, { route } from '@forge/api';
import { Queue } from '@forge/events';
import kvs, { WhereConditions } from '@forge/kvs';
import Resolver from '@forge/resolver';

const queue = new Queue({ key: 'reminders' });
const definitions = new Resolver();

definitions.define('show', async ({ context }) => {
  const { key } = context.extension.issue;
  const issue = await (await api.asUser().requestJira(route`/rest/api/3/issue/${key}`)).json();
  return { key: issue.key, status: issue.fields.status.name, labels: issue.fields.labels };
});

definitions.define('remind', async ({ payload }) => {
  const { jobId } = await queue.push({ body: payload, concurrency: { key: payload.key, limit: 1 } });
  const { success, inProgress, failed } = await queue.getJob(jobId).getStats();
  return { jobs: success + inProgress + failed };
});

definitions.define('reminded', async () => {
  const found = await kvs.query().where('key', WhereConditions.beginsWith('reminded:')).getMany();
  return found.results.map(({ key }) => key);
});

export const resolver = definitions.getDefinitions();
