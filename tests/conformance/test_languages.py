"""The same handlers in JavaScript and in Python give the same records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.pairs import Pair, compare_records

pytestmark = pytest.mark.node


PUSHES_JS = """
export async function created(event) {
  await queue.push({ body: { key: event.issue.key } });
}
"""
PUSHES_PY = """
async def created(event):
    await queue.push({"body": {"key": event["issue"]["key"]}})
"""

# Time enough for the trigger to end: in JavaScript the two may share a thread.
LATER_JS = PUSHES_JS.replace("key } }", "key }, delayInSeconds: 1 }")
LATER_PY = PUSHES_PY.replace('["key"]}}', '["key"]}, "delay_in_seconds": 1}')

PAIRS = (
    Pair(
        "success",
        """
export async function created(event) {
  const { jobId } = await queue.push({ body: { key: event.issue.key }, delayInSeconds: 2 });
  console.log(`job ${jobId}`);
  return { statusCode: 500 };
}
export function work(event) { return event.body.key; }
""",
        """
async def created(event):
    pushed = await queue.push({"body": {"key": event["issue"]["key"]}, "delay_in_seconds": 2})
    print(f"job {pushed.job_id}")
    return {"statusCode": 500}

def work(event):
    return event["body"]["key"]
""",
        ("event.pushed", "event.succeeded", "log"),
        ("--count", "5"),
    ),
    Pair(
        "retry with data",
        PUSHES_JS
        + """
export async function work(event) {
  const { retryCount, retryReason, retryData } = event.retryContext ?? { retryCount: 0 };
  console.log(`${retryCount} ${retryReason} ${JSON.stringify(retryData)}`);
  if (retryCount < 3) {
    return new InvocationError({
      retryAfter: 10 * 2 ** retryCount,
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
      retryData: { seen: [retryCount, null, 'é'] },
    });
  }
}
""",
        PUSHES_PY
        + """
def text(value):
    return "undefined" if value is None else json.dumps(value, separators=(",", ":"),
                                                        ensure_ascii=False)

async def work(event):
    retry = event.get("retryContext") or {"retryCount": 0}
    count, reason = retry["retryCount"], retry.get("retryReason", "undefined")
    print(f"{count} {reason} {text(retry.get('retryData'))}")
    if count < 3:
        return InvocationError(
            retry_after=10 * 2**count,
            retry_reason=InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
            retry_data={"seen": [count, None, "é"]},
        )
""",
        ("retry.scheduled", "event.succeeded"),
        ("--count", "3"),
    ),
    Pair(
        "retries of other forms",
        PUSHES_JS
        + """
export async function work(event) {
  const count = event.retryContext?.retryCount ?? 0;
  if (count === 0) return new InvocationError();
  if (count === 1) return new InvocationError({ retryAfter: -5, retryReason: 'mine' });
  if (count === 2) return new InvocationError({ retryAfter: 5000, retryData: 'x'.repeat(3000) });
  if (count === 3) {
    const response = new QueueResponse();
    response.retry();
    return response;
  }
}
""",
        PUSHES_PY
        + """
def work(event):
    count = (event.get("retryContext") or {}).get("retryCount", 0)
    if count == 0:
        return InvocationError()
    if count == 1:
        return InvocationError(retry_after=-5, retry_reason="mine")
    if count == 2:
        return InvocationError(retry_after=5000, retry_data="x" * 3000)
    if count == 3:
        response = QueueResponse()
        response.retry()
        return response
""",
        ("retry.scheduled", "event.succeeded"),
    ),
    Pair(
        "retries of no use",
        PUSHES_JS
        + """
export async function work(event) {
  const count = event.retryContext?.retryCount ?? 0;
  if (count === 0) return new InvocationError({ retryAfter: NaN });
  if (count === 1) return new InvocationError({ retryAfter: '7', retryReason: 'MINE' });
  if (count === 2) return [new InvocationError({ retryAfter: 7 })];
}
""",
        PUSHES_PY
        + """
def work(event):
    count = (event.get("retryContext") or {}).get("retryCount", 0)
    if count == 0:
        return InvocationError(retry_after=float("nan"))
    if count == 1:
        return InvocationError(retry_after="7", retry_reason="MINE")
    if count == 2:
        return [InvocationError(retry_after=7)]
""",
        ("retry.scheduled", "event.succeeded", "log"),
    ),
    Pair(
        "an object that only looks like a request for a retry",
        PUSHES_JS + "export function work() { return { retryAfter: 7 }; }\n",
        PUSHES_PY + "def work(event):\n    return {'retryAfter': 7}\n",
        ("event.succeeded", "log"),
    ),
    Pair(
        "thrown error",
        PUSHES_JS
        + """
class Full extends Error {}
export async function work() { throw new Full('no room'); }
""",
        PUSHES_PY
        + """
class Full(Exception):
    pass

async def work():
    raise Full("no room")
""",
        ("retry.scheduled", "event.dropped"),
    ),
    Pair(
        "timeout of a wait",
        PUSHES_JS
        + """
export async function work(event, context) {
  await new Promise((resolve) => setTimeout(resolve, event.retryContext ? 5000 : 30000));
  console.log('done');
}
""",
        PUSHES_PY
        + """
def work(event, context):
    time.sleep(5 if event.get("retryContext") else 30)
    print("done")
""",
        ("invocation.finished", "event.succeeded"),
        ("--count", "2"),
    ),
    Pair(
        "timeout of a loop",
        LATER_JS + "export function work(event) { while (!event.retryContext); }\n",
        LATER_PY
        + """
def work(event):
    while not event.get("retryContext"):
        pass
""",
        ("event.succeeded",),
        ("--set", "delivery.stuck_real_seconds=0.5"),
    ),
    Pair(
        "out of memory",
        LATER_JS
        + """
export function work(event) {
  const kept = [];
  while (!event.retryContext) kept.push(new Array(100000).fill(kept.length));
}
""",
        LATER_PY
        + """
def work(event):
    kept = []
    while not event.get("retryContext"):
        kept.append([len(kept)] * 100_000)
""",
        ("event.succeeded",),
    ),
    Pair(
        "push refusals of the client",
        """
const tries = [
  [], Array(51).fill({ body: {} }), null, {}, { body: [] },
  { body: {}, delayInSeconds: 901 }, { body: { x: 'y'.repeat(204800) } },
];
export async function created() {
  for (const each of tries) {
    try {
      await queue.push(each);
    } catch (error) {
      console.log(`${error.constructor.name}: ${error.message}`);
    }
  }
  try {
    new Queue({ key: 'a b' });
  } catch (error) {
    console.log(`${error.constructor.name}: ${error.message}`);
  }
}
export function work() {}
""",
        """
tries = [
    [], [{"body": {}}] * 51, None, {}, {"body": []},
    {"body": {}, "delay_in_seconds": 901}, {"body": {"x": "y" * 204800}},
]

async def created():
    for each in tries:
        try:
            await queue.push(each)
        except Exception as error:
            print(f"{type(error).__name__}: {error}")
    try:
        Queue(key="a b")
    except sdk.InvalidQueueNameError as error:
        print(f"{type(error).__name__}: {error}")

def work():
    pass
""",
        ("log",),
    ),
    Pair(
        "push refusals of the platform",
        PUSHES_JS + "export function work() {}\n",
        """
def created(event):
    queue.push({"body": {"key": event["issue"]["key"]}})

def work():
    pass
""",
        ("push.refused", "product_event.dropped"),
        ("--count", "30", "--set", "limits.push.events_per_minute=10"),
    ),
    Pair(
        "the store",
        """
export async function created(event) {
  const key = `k:${event.issue.key}`;
  await kvs.set(key, { a: [1, null, 'é'] });
  console.log(JSON.stringify(await kvs.get(key)));
  await kvs.set(key, 2, { keyPolicy: 'OVERRIDE' });
  const before = await kvs.set(key, 3, { returnValue: 'PREVIOUS' });
  console.log(`${before.key} ${before.value}`);
  const entry = await kvs.get(key, { metadataFields: [MetadataField.UPDATED_AT] });
  console.log(`${entry.value} ${entry.updatedAt}`);
  await kvs.delete(key);
  console.log(String((await kvs.get(key)) === undefined));
  await kvs.setSecret(key, 's');
  console.log(await kvs.getSecret(key));
  await kvs.deleteSecret(key);
}
export function work() {}
""",
        """
async def created(event):
    key = f"k:{event['issue']['key']}"
    await kvs.set(key, {"a": [1, None, "é"]})
    print(json.dumps(await kvs.get(key), separators=(",", ":"), ensure_ascii=False))
    await kvs.set(key, 2, key_policy="OVERRIDE")
    before = await kvs.set(key, 3, return_value="PREVIOUS")
    print(f"{before.key} {before.value}")
    entry = await kvs.get(key, metadata_fields=[MetadataField.UPDATED_AT])
    print(f"{entry.value} {entry.updated_at}")
    await kvs.delete(key)
    print("true" if await kvs.get(key) is None else "false")
    await kvs.set_secret(key, "s")
    print(await kvs.get_secret(key))
    await kvs.delete_secret(key)

def work():
    pass
""",
        ("kvs.done", "log"),
        ("--count", "3"),
    ),
    Pair(
        "refusals of the store",
        """
export async function created(event) {
  const tries = [
    () => kvs.set('', 1), () => kvs.set('?', 1), () => kvs.set('k'.repeat(501), 1),
    () => kvs.set('k', null), () => kvs.set('k', 'x'.repeat(300000)),
    () => kvs.set('k', 1, { ttl: { value: 0, unit: 'DAYS' } }),
    () => kvs.set('k', 1, { keyPolicy: 'FAIL_IF_EXISTS', returnValue: 'LATEST' }),
  ];
  for (const each of tries) {
    try {
      await each();
    } catch (error) {
      console.log(`${error.name} ${error.code}: ${error.message} ${error.responseDetails.status}`);
    }
  }
  await kvs.set('k', 1, { keyPolicy: 'FAIL_IF_EXISTS' });
}
export function work() {}
""",
        """
def created(event):
    tries = [
        lambda: kvs.set("", 1), lambda: kvs.set("?", 1), lambda: kvs.set("k" * 501, 1),
        lambda: kvs.set("k", None), lambda: kvs.set("k", "x" * 300000),
        lambda: kvs.set("k", 1, ttl={"value": 0, "unit": "DAYS"}),
        lambda: kvs.set("k", 1, key_policy="FAIL_IF_EXISTS", return_value="LATEST"),
    ]
    for each in tries:
        try:
            each()
        except sdk.ForgeKvsAPIError as error:
            status = error.response_details["status"]
            print(f"{error.name} {error.code}: {error.message} {status}")
    kvs.set("k", 1, key_policy="FAIL_IF_EXISTS")

def work():
    pass
""",
        ("kvs.refused", "product_event.dropped"),
        ("--count", "2"),
    ),
    Pair(
        "the old store",
        """
export async function created(event) {
  await storage.set('k', { n: 1 });
  console.log(String((await storage.get('k')).n));
  await storage.delete('k');
  console.log(String((await storage.get('k')) === undefined));
  await storage.setSecret('k', 's');
  console.log(await storage.getSecret('k'));
  await storage.set('?', 1);
}
export function work() {}
""",
        """
def created(event):
    storage.set("k", {"n": 1})
    print(storage.get("k")["n"])
    storage.delete("k")
    print("true" if storage.get("k") is None else "false")
    storage.set_secret("k", "s")
    print(storage.get_secret("k"))
    storage.set("?", 1)

def work():
    pass
""",
        ("kvs.done", "kvs.refused"),
    ),
    Pair(
        "jobs",
        """
export async function created() {
  const { jobId } = await queue.push([{ body: {} }, { body: {}, delayInSeconds: 60 }]);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const { success, inProgress, failed } = await queue.getJob(jobId).getStats();
  console.log(`${success} ${inProgress} ${failed}`);
  await queue.getJob(jobId).cancel();
  try {
    await queue.getStats('unknown');
  } catch (error) {
    console.log(`${error.constructor.name}: ${error.message}`);
  }
}
export function work() {}
""",
        """
async def created():
    pushed = await queue.push([{"body": {}}, {"body": {}, "delay_in_seconds": 60}])
    await asyncio.sleep(5)
    stats = await queue.get_job(pushed.job_id).get_stats()
    print(stats.success, stats.in_progress, stats.failed)
    await queue.get_job(pushed.job_id).cancel()
    try:
        await queue.get_stats("unknown")
    except sdk.JobDoesNotExistError as error:
        print(f"{type(error).__name__}: {error}")

def work():
    pass
""",
        ("event.cancelled", "event.succeeded"),
    ),
    Pair(
        "logs",
        """
console.warn('top level');
export function created() {
  console.debug('d');
  console.log('two\\nlines');
  console.info('i', 5, true);
  console.warn('w');
  console.error('e');
  process.stdout.write('raw\\n');
  for (let i = 0; i < 200; i++) console.log(`line ${i}`);
}
export function work() {}
""",
        """
import logging, sys
logging.warning("top level")

def created():
    logging.debug("d")
    print("two\\nlines")
    logging.info("i %d true", 5)
    logging.warning("w")
    logging.error("e")
    sys.stdout.write("raw\\n")
    for i in range(200):
        print(f"line {i}")

def work():
    pass
""",
        ("log",),
        ("--count", "2"),
    ),
    Pair(
        "cold starts and state",
        """
let runs = 0;
export async function created(event) {
  runs += 1;
  const mine = runs;
  await queue.push({ body: { mine } });
  console.log(`${mine} ${runs}`);
}
export async function work(event) {
  runs += 1;
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(`work ${event.body.mine} ${runs}`);
}
""",
        """
runs = 0

async def created(event):
    global runs
    runs += 1
    mine = runs
    await queue.push({"body": {"mine": mine}})
    print(f"{mine} {runs}")

def work(event):
    global runs
    runs += 1
    time.sleep(0.1)
    print(f"work {event['body']['mine']} {runs}")
""",
        ("invocation.started", "log"),
        ("--count", "20"),
    ),
    Pair(
        "waiting for several things",
        """
export async function created(event) {
  await Promise.all([
    queue.push({ body: { n: 1 } }), kvs.set('a', 1), kvs.set('b', 2),
    new Promise((resolve) => setTimeout(resolve, 300)),
  ]);
  const { length } = await Promise.all([kvs.get('a'), kvs.get('b')]);
  console.log(`${length} ${Date.now()}`);
}
export function work() {}
""",
        """
async def created(event):
    await asyncio.gather(
        queue.push({"body": {"n": 1}}), kvs.set("a", 1), kvs.set("b", 2), asyncio.sleep(0.3)
    )
    both = await asyncio.gather(kvs.get("a"), kvs.get("b"))
    print(f"{len(both)} {round(time.time() * 1000)}")

def work():
    pass
""",
        ("kvs.done", "log"),
    ),
    Pair(
        "the shape of the guide",
        """
export async function created(event) {
  await queue.push({ body: { key: event.issue.key }, delayInSeconds: 0.5 });
  return true;
}
export async function work(event, context) {
  const { key } = event.body;
  try {
    await kvs.set(key, { key, at: context.installContext });
  } catch (error) {
    const count = event.retryContext?.retryCount ?? 0;
    return new InvocationError({
      retryAfter: 20 * 2 ** count + Number(key.split('-')[1]) % 7,
      retryReason: InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
      retryData: { key, why: String(error.message) },
    });
  }
}
""",
        """
async def created(event):
    await queue.push({"body": {"key": event["issue"]["key"]}, "delay_in_seconds": 0.5})
    return True

async def work(event, context):
    key = event["body"]["key"]
    try:
        await kvs.set(key, {"key": key, "at": context["installContext"]})
    except sdk.ForgeKvsAPIError as error:
        count = (event.get("retryContext") or {}).get("retryCount", 0)
        return InvocationError(
            retry_after=20 * 2**count + int(key.split("-")[1]) % 7,
            retry_reason=InvocationErrorCode.FUNCTION_UPSTREAM_RATE_LIMITED,
            retry_data={"key": key, "why": str(error)},
        )
""",
        ("retry.scheduled", "kvs.refused", "event.succeeded"),
        ("--count", "100", "--set", "limits.kvs.write_units_per_minute=20"),
    ),
)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_both_languages_give_the_same_records(pair: Pair, tmp_path: Path) -> None:
    """Every record, in the same order, but for names of files and ids that the app mints."""
    compare_records(pair, tmp_path)
