import { appEvents } from '@forge/events';
import { kvs } from '@forge/kvs';

/** An issue is an order: say so to whoever listens, this app included. */
export const place = async (event) => {
  const result = await appEvents.publish([{ key: 'order-placed' }, { key: 'order-lost' }]);
  const failed = (result.failedEvents ?? []).map(({ event: { key } }) => key);
  console.log(JSON.stringify({ published: result.type, failed, issue: event.issue.key }));
};

export const count = async (event) => {
  const orders = ((await kvs.get('orders')) ?? 0) + 1;
  await kvs.set('orders', orders);
  console.log(JSON.stringify({ orders, name: event.name, module: event.context.moduleKey }));
};

/** Publishes what it listens to. */
export const again = async (event) => {
  console.log(JSON.stringify({ heard: event.eventType.split('/').pop() }));
  await appEvents.publish({ key: 'order-again' });
};

export const cleanUp = async (payload, context) => {
  await kvs.delete('orders');
  console.log(JSON.stringify({ gone: payload.context.moduleKey, user: !!context.principal }));
  return { ignored: true };
};

export const sayGoodbye = () => {
  throw new Error('nobody is there');
};
