// Runs the app in forge-emu, in virtual time: `npm test`.

import { expect, test } from 'vitest';
import { useEmulator } from 'forge-emu-testing/vitest';

const emu = useEmulator('.', { seed: 1 });

test('a burst of issues loses no note', { timeout: 60_000 }, async () => {
  await emu.trigger('issue-created', { count: 1000 });
  await emu.untilIdle();
  expect(emu.dropped).toEqual([]);
  expect(await emu.kvs.keys('note:')).toHaveLength(1000);
});

test('a note has what the issue says', async () => {
  await emu.trigger('issue-created', { key: 'EMU-7', sets: { 'issue.fields.summary': 'Late' } });
  await emu.untilIdle();
  expect(await emu.kvs.get('note:EMU-7')).toEqual({ summary: 'Late', attempts: 1 });
});
