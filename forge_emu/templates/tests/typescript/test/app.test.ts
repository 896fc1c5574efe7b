// Runs the app in forge-emu, in virtual time: `npm test`.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Emulator, type Snapshot } from 'forge-emu-testing';

let emu: Emulator;
let start: Snapshot;

beforeAll(async () => {
  emu = await Emulator.start('.', { seed: 1 });
  start = await emu.snapshot();
}, 60_000);
beforeEach(() => emu.restore(start));
afterAll(() => emu?.stop());

test('a burst of issues loses no note', { timeout: 60_000 }, async () => {
  await emu.trigger('issue-created', { count: 1000 });
  await emu.untilIdle();
  await emu.assertNothingDropped();
  expect(await emu.kvs.keys('note:')).toHaveLength(1000);
});

test('a note has what the issue says', async () => {
  await emu.trigger('issue-created', { key: 'EMU-7', sets: { 'issue.fields.summary': 'Late' } });
  await emu.untilIdle();
  expect(await emu.kvs.get('note:EMU-7')).toEqual({ summary: 'Late', attempts: 1 });
});
