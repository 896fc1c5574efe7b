"""What `__forge_fetch__` answers is a `Response`, whatever an app asks of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.model import Success
from forge_emu.ports import AppRequest, AppResponse
from tests.runtime.node.harness import RuntimeHarness, run_app

SOURCE = """
import assert from 'node:assert';
import { inspect } from 'node:util';

const caught = (promise) => promise.catch((error) => `${error.name}: ${error.message}`);
const thrown = (call) => { try { return call(); } catch (error) { return error.name; } };
const listed = (response) => {
  const names = [];
  for (const name in response) names.push(name);
  return names.sort();
};

const uses = {
  is: (r) => [r instanceof Response, r.constructor === Response, `${r}`, Object.keys(r), listed(r)],
  printed: (r) => inspect(r),
  fields: (r) => [r.type, r.url, r.redirected, r.ok, r.status, r.statusText, r.bodyUsed],
  assigned: (r) => [thrown(() => { r.status = 5; }), r.status],
  json: (r) => caught(r.json()),
  text: (r) => r.text(),
  'text twice': async (r) => [await r.text(), r.bodyUsed, await caught(r.text())],
  'two at once': (r) => Promise.all([caught(r.text()), caught(r.json())]),
  headers: (r) => [[...r.headers], r.headers.get('X-A'), r.headers.has('q')],
  'headers twice': (r) => r.headers === r.headers,
  clone: async (r) => {
    r.headers.set('x-b', '2');
    const first = r.clone();
    r.headers.delete('x-a');
    const second = r.clone();
    const all = [first, second, r];
    return [await Promise.all(all.map((one) => one.text())), all.map((one) => [...one.headers])];
  },
  'clone of what is read': async (r) => { await r.text(); return thrown(() => r.clone()); },
  body: async (r) => {
    const parts = [];
    for await (const part of r.body) parts.push(Buffer.from(part).toString());
    return [parts.join(''), r.bodyUsed, await caught(r.text())];
  },
  'body of what is read': async (r) => {
    await caught(r.json());
    return [r.body.locked, r.bodyUsed];
  },
  bytes: async (r) => [(await r.arrayBuffer()).byteLength, r.bodyUsed],
  blob: async (r) => { const blob = await r.blob(); return [blob.type, blob.size]; },
  form: async (r) => (await caught(r.formData())).slice(0, 9),
  wrapped: async (r) => {
    const again = new Response(r.body, r);
    return [again.status, await again.text(), [...again.headers]];
  },
};

export async function run({ body }) {
  for (const [name, use] of Object.entries(uses)) {
    const answer = await __forge_fetch__({}, '/answer', {});
    const headers = { 'content-type': 'text/plain', 'x-a': '1' };
    const real = new Response(body, { status: 201, statusText: 'Created', headers });
    assert.strictEqual(inspect(await use(answer)), inspect(await use(real)), name);
  }
}

export async function replaces() {
  Response.prototype.json = async () => 'the app\\'s own';
  const answer = await __forge_fetch__({}, '/answer', {});
  assert.strictEqual(await answer.json(), 'the app\\'s own');
}

export async function empty() {
  const answer = await __forge_fetch__({}, '/empty', {});
  assert.deepStrictEqual([answer.body, await answer.text(), await answer.text()], [null, '', '']);
}
"""


@pytest.mark.parametrize("body", ['{"a": 1}', "", "no JSON", '\ufeff{"a": 2}', "ä€😀"])
def test_an_answer_does_what_a_response_does(tmp_path: Path, body: str) -> None:
    """Each use gives what it gives for a `Response` that the app makes itself."""
    headers = {"content-type": "text/plain", "x-a": "1"}

    def reply(_: AppRequest) -> AppResponse:
        return AppResponse(201, body, headers, "Created")

    async def scene(stage: RuntimeHarness) -> None:
        outcome = await stage.wait_for_outcome(stage.invoke("run", {"body": body}))
        assert outcome == Success()

    run_app(tmp_path, SOURCE, scene, reply=reply)


@pytest.mark.parametrize("function", ["replaces", "empty"])
def test_an_answer_is_a_real_response_where_it_has_to_be(tmp_path: Path, function: str) -> None:
    """Methods that the app has replaced are called; a status without a body has none."""

    def reply(request: AppRequest) -> AppResponse:
        return AppResponse(204 if request.path == "/empty" else 200, "{}")

    async def scene(stage: RuntimeHarness) -> None:
        assert await stage.wait_for_outcome(stage.invoke(function)) == Success()

    run_app(tmp_path, SOURCE, scene, reply=reply)
