// Runs the app in forge-emu, in virtual time: `npm test`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useEmulator } from 'forge-emu-testing/node';

const emu = useEmulator('.', { seed: 1 });

test('a burst of issues loses no note', async () => {
  await emu.trigger('issue-created', { count: 1000 });
  await emu.untilIdle();
  assert.deepEqual(emu.dropped, []);
  assert.equal((await emu.kvs.keys('note:')).length, 1000);
});

test('a note has what the issue says', async () => {
  await emu.trigger('issue-created', { key: 'EMU-7', sets: { 'issue.fields.summary': 'Late' } });
  await emu.untilIdle();
  assert.deepEqual(await emu.kvs.get('note:EMU-7'), { summary: 'Late', attempts: 1 });
});
