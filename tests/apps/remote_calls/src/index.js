import { invokeRemote } from '@forge/api';

export async function sendOn(event) {
  const response = await invokeRemote('backend', {
    path: '/issues?from=function',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-own': 'mine' },
    body: JSON.stringify({ key: event.issue.key }),
  });
  console.log('remote', response.status, response.ok);
  try {
    await invokeRemote('nobody', { path: '/x' });
  } catch (error) {
    console.log(error.constructor.name, error.message);
  }
}
