// The handlers of the benchmarks in Cloudflare's runtime: what they ask of the platform goes to a
// queue and a key-value namespace of `wrangler dev`. A POST is an event; a GET says how many are done.

globalThis.__forge_runtime__ = {
  appContext: {
    appId: 'ari:cloud:ecosystem::app/6f1d2c3b-58a4-4e07-9b61-c2d4a8e07f35',
    appVersion: '1.0.0',
    environmentType: 'DEVELOPMENT',
  },
  proxy: { token: '', url: 'https://peer.invalid' },
  externalAuth: [],
  allowedEgress: [],
  lambdaContext: { getRemainingTimeInMillis: () => 55_000 },
  tracing: { traceId: '', spanId: '' },
};

let bindings = null;
let done = 0;

globalThis.__forge_fetch__ = async (options, path, { body } = {}) => {
  const asked = JSON.parse(body);
  if (path.includes('queue')) {
    const { queueName, jobId, payload } = asked;
    for (const item of payload) await bindings.LATER.send({ queueName, jobId, ...item });
    return new Response('{}', { status: 201 });
  }
  await bindings.STORE.put(asked.key, JSON.stringify(asked.value));
  return new Response(null, { status: 204 });
};

const { created, store } = await import('./src/index.js');

export default {
  async fetch(request, env) {
    bindings = env;
    if (request.method === 'GET') return new Response(String(done));
    await created(await request.json(), {});
    return new Response(null, { status: 204 });
  },

  async queue(batch, env) {
    bindings = env;
    for (const message of batch.messages) {
      await store(message.body, {});
      done += 1;
    }
  },
};
