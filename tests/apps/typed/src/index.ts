import Resolver from '@forge/resolver';
import { titleOf } from '/src/lib/title';
import type { Created } from './lib/title';

const definitions = new Resolver();
definitions.define('title', ({ payload }) => titleOf(payload as Created));

export async function created(event: Created): Promise<void> {
  const definition = definitions.getDefinitions();
  const call = { call: { functionKey: 'title', payload: event }, context: {} };
  console.log(await definition(call as never, {} as never));
}
