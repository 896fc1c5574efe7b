import api, { route } from '@forge/api';

const ask = async (path, method = 'GET', body = undefined) => {
  const options = { method, headers: { 'Content-Type': 'application/json' } };
  if (body) options.body = JSON.stringify(body);
  const response = await api.asApp().requestJira(path, options);
  return { status: response.status, body: response.status === 204 ? null : await response.json() };
};

export const carryOver = async ({ sprint }) => {
  const board = (await ask(route`/rest/agile/1.0/board`)).body.values[0];
  const left = await ask(
    route`/rest/agile/1.0/board/${board.id}/backlog?jql=${'statusCategory != Done'}&fields=summary`,
  );
  const made = await ask(route`/rest/agile/1.0/sprint`, 'POST', {
    name: `After ${sprint.name}`,
    originBoardId: board.id,
    startDate: '2026-02-02T08:00:00.000Z',
    endDate: '2026-02-16T08:00:00.000Z',
  });
  const keys = left.body.issues.map((issue) => issue.key);
  const moved = await ask(route`/rest/agile/1.0/sprint/${made.body.id}/issue`, 'POST', {
    issues: keys,
  });
  const started = await ask(route`/rest/agile/1.0/sprint/${made.body.id}`, 'POST', {
    state: 'active',
  });
  const absent = await ask(route`/rest/agile/1.0/sprint/77`);
  console.log(`carried ${keys} ${made.status} ${moved.status} ${started.status} ${absent.status}`);
};

export const count = async ({ sprint }) => {
  const open = await ask(route`/rest/agile/1.0/sprint/${sprint.id}/issue?fields=status`);
  const jql = 'sprint in openSprints() ORDER BY key';
  const found = await ask(route`/rest/api/3/search/jql?jql=${jql}&fields=key`);
  console.log(`${sprint.name} begins with ${open.body.total}: ${found.body.issues.length} found`);
};

export const moved = async ({ issue, changelog }) => {
  const [item] = changelog.items;
  console.log(`${issue.key} ${item.field} ${item.toString}`);
};
