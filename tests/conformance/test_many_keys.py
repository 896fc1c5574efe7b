"""Queries, batches and transactions in JavaScript and in Python give the same records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.pairs import Pair, compare_records

pytestmark = pytest.mark.node

PAIRS = (
    Pair(
        "pages",
        """
export async function created(event) {
  for (const n of [3, 1, 2]) await kvs.set(`${event.issue.key}#${n}`, { n });
  const only = WhereConditions.beginsWith(event.issue.key);
  const query = kvs.query({ metadataFields: [MetadataField.CREATED_AT] }).where('key', only);
  let cursor;
  do {
    const page = await query.limit(2).cursor(cursor).getMany();
    for (const { key, value, createdAt } of page.results) {
      console.log(`${key} ${value.n} ${createdAt}`);
    }
    cursor = page.nextCursor;
  } while (cursor);
  console.log((await kvs.query().where('key', only).getOne()).key);
  const none = await kvs.query().where('key', WhereConditions.beginsWith('x')).getOne();
  console.log(String(none === undefined));
}
export function work() {}
""",
        """
async def created(event):
    name = event["issue"]["key"]
    for n in (3, 1, 2):
        await kvs.set(f"{name}#{n}", {"n": n})
    only = WhereConditions.begins_with(name)
    query = kvs.query(metadata_fields=[MetadataField.CREATED_AT]).where("key", only)
    cursor = None
    while True:
        page = await query.limit(2).cursor(cursor).get_many()
        for entry in page.results:
            print(f"{entry.key} {entry.value['n']} {entry.created_at}")
        cursor = page.next_cursor
        if not cursor:
            break
    print((await kvs.query().where("key", only).get_one()).key)
    none = await kvs.query().where("key", WhereConditions.begins_with("x")).get_one()
    print("true" if none is None else "false")

def work():
    pass
""",
        ("kvs.done", "log"),
        ("--count", "3"),
    ),
    Pair(
        "batches",
        """
export async function created(event) {
  const name = event.issue.key;
  const said = ({ successfulKeys, failedKeys }) => {
    for (const { key, value } of successfulKeys) console.log(`${key} ${value ?? '-'}`);
    for (const { key, error } of failedKeys) console.log(`${key} ${error.code} ${error.message}`);
  };
  said(await kvs.batchSet([
    { key: `${name}:a`, value: 'é' },
    { key: `${name}:b`, value: 1, options: { ttl: { value: 2, unit: 'SECONDS' } } },
    { key: 'a/b', value: 1 },
    { key: 'large', value: 'x'.repeat(300000) },
  ]));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  said(await kvs.batchGet([
    { key: `${name}:a`, options: { metadataFields: [MetadataField.UPDATED_AT] } },
    { key: `${name}:b` },
  ]));
  said(await kvs.batchDelete([{ key: `${name}:a` }, { key: '' }]));
}
export function work() {}
""",
        """
def said(answer):
    for done in answer.successful_keys:
        print(done.key, getattr(done, "value", "-"))
    for failed in answer.failed_keys:
        print(failed.key, failed.code, failed.message)

def created(event):
    name = event["issue"]["key"]
    said(kvs.batch_set([
        {"key": f"{name}:a", "value": "é"},
        {"key": f"{name}:b", "value": 1, "options": {"ttl": {"value": 2, "unit": "SECONDS"}}},
        {"key": "a/b", "value": 1},
        {"key": "large", "value": "x" * 300000},
    ]))
    time.sleep(3)
    said(kvs.batch_get([
        {"key": f"{name}:a", "options": {"metadata_fields": [MetadataField.UPDATED_AT]}},
        {"key": f"{name}:b"},
    ]))
    said(kvs.batch_delete([{"key": f"{name}:a"}, {"key": ""}]))

def work():
    pass
""",
        ("kvs.done", "kvs.refused", "log"),
        ("--count", "2"),
    ),
    Pair(
        "transactions",
        """
export async function created(event) {
  const key = event.issue.key;
  await kvs.transact().set(key, { n: 1 }).set(`${key}:b`, 2, undefined,
    { ttl: { value: 1, unit: 'HOURS' } }).execute();
  await kvs.transact().delete(key).set(`${key}:c`, [null]).execute();
  const { results } = await kvs.query().limit(100).getMany();
  console.log(results.map((each) => each.key).join(' '));
}
export function work() {}
""",
        """
async def created(event):
    key = event["issue"]["key"]
    ttl = {"value": 1, "unit": "HOURS"}
    await kvs.transact().set(key, {"n": 1}).set(f"{key}:b", 2, ttl=ttl).execute()
    await kvs.transact().delete(key).set(f"{key}:c", [None]).execute()
    page = await kvs.query().limit(100).get_many()
    print(" ".join(entry.key for entry in page.results))

def work():
    pass
""",
        ("kvs.done", "log"),
        ("--count", "3"),
    ),
    Pair(
        "refusals",
        """
export async function created(event) {
  const many = Array.from({ length: 26 }, (_, n) => ({ key: `k${n}`, value: n }));
  const tries = [
    () => kvs.query().limit(101).getMany(), () => kvs.query().cursor('x').getMany(),
    () => kvs.query().where('value', WhereConditions.beginsWith('a')).getOne(),
    () => kvs.batchSet([]), () => kvs.batchGet(['a']), () => kvs.batchSet(many),
    () => kvs.batchDelete([{ key: 'a' }, { key: 'a' }]),
    () => kvs.batchSet([{ key: 'a', value: 'x'.repeat(4000000) }]),
    () => kvs.transact().execute(), () => kvs.transact().set('a', null).execute(),
    () => kvs.transact().set('a', 1).delete('a').execute(),
    () => many.reduce((all, { key }) => all.delete(key), kvs.transact()).execute(),
    () => kvs.transact().set('a', 'x'.repeat(200000)).execute(),
  ];
  for (const each of tries) {
    try {
      await each();
      console.log('fine');
    } catch (error) {
      console.log(`${error.name} ${error.code}: ${error.message} ${error.responseDetails.status}`);
    }
  }
}
export function work() {}
""",
        """
async def created(event):
    many = [{"key": f"k{n}", "value": n} for n in range(26)]

    def all_of_them():
        transaction = kvs.transact()
        for each in many:
            transaction.delete(each["key"])
        return transaction.execute()

    tries = [
        lambda: kvs.query().limit(101).get_many(), lambda: kvs.query().cursor("x").get_many(),
        lambda: kvs.query().where("value", WhereConditions.begins_with("a")).get_one(),
        lambda: kvs.batch_set([]), lambda: kvs.batch_get(["a"]), lambda: kvs.batch_set(many),
        lambda: kvs.batch_delete([{"key": "a"}, {"key": "a"}]),
        lambda: kvs.batch_set([{"key": "a", "value": "x" * 4000000}]),
        lambda: kvs.transact().execute(), lambda: kvs.transact().set("a", None).execute(),
        lambda: kvs.transact().set("a", 1).delete("a").execute(),
        all_of_them,
        lambda: kvs.transact().set("a", "x" * 200000).execute(),
    ]
    for each in tries:
        try:
            await each()
            print("fine")
        except sdk.ForgeKvsAPIError as error:
            status = error.response_details["status"]
            print(f"{error.name} {error.code}: {error.message} {status}")

def work():
    pass
""",
        ("kvs.refused", "log"),
        ("--set", "limits.kvs.write_units_per_minute=10"),
    ),
    Pair(
        "a batch under limits",
        """
export async function created(event) {
  const events = Array.from({ length: 10 }, (_, n) => ({ body: { n } }));
  await queue.push(events);
}
export async function work(event) {
  const count = event.retryContext?.retryCount ?? 0;
  const items = Array.from({ length: 25 }, (_, n) => ({
    key: `${event.body.n}:${n}`, value: 'x'.repeat(1000),
  }));
  try {
    await kvs.batchSet(items);
  } catch (error) {
    return new InvocationError({ retryAfter: 20 * 2 ** count + event.body.n });
  }
}
""",
        """
async def created(event):
    await queue.push([{"body": {"n": n}} for n in range(10)])

async def work(event):
    count = (event.get("retryContext") or {}).get("retryCount", 0)
    number = event["body"]["n"]
    items = [{"key": f"{number}:{n}", "value": "x" * 1000} for n in range(25)]
    try:
        await kvs.batch_set(items)
    except sdk.ForgeKvsAPIError:
        return InvocationError(retry_after=20 * 2**count + number)
""",
        ("kvs.refused", "retry.scheduled", "event.succeeded"),
        ("--set", "limits.kvs.write_units_per_minute=9"),
    ),
    Pair(
        "entities",
        """
export async function created(event) {
  const employee = kvs.entity('employee');
  const name = event.issue.key;
  for (const [n, age] of [[1, 40], [2, 30], [3, 20]]) {
    await employee.set(`${name}:${n}`, { surname: `S${n}`, age, gender: n % 2 ? 'f' : 'm' });
  }
  const before = await employee.set(`${name}:3`, { surname: 'T', age: 50, gender: 'f' },
    { returnValue: 'PREVIOUS' });
  console.log(`${before.key} ${before.value.surname}`);
  console.log((await employee.get(`${name}:2`)).surname);
  const query = employee.query().index('by-age-per-gender', { partition: ['f'] })
    .where(WhereConditions.greaterThan(30)).sort(Sort.DESC).limit(1);
  const page = await query.getMany();
  const rest = await query.cursor(page.nextCursor).limit(5)
    .filters(new Filter().and('surname', FilterConditions.beginsWith('S'))).getMany()
    .catch((error) => error);
  console.log(`${page.results[0].key} ${rest.code} ${rest.message}`);
  const old = new Filter().or('age', FilterConditions.greaterThanEqualTo(50))
    .or('age', FilterConditions.notExists());
  await kvs.transact().check(`${name}:3`, { entityName: 'employee', conditions: old })
    .delete(`${name}:1`, { entityName: 'employee' }).set(name, 1).execute();
  const { successfulKeys, failedKeys } = await kvs.batchGet([
    { key: `${name}:3`, entityName: 'employee' }, { key: name },
    { key: `${name}:1`, entityName: 'employee' },
  ]);
  for (const { key, entityName, value } of successfulKeys) {
    console.log(`${key} ${entityName ?? '-'} ${value.age ?? value}`);
  }
  for (const { key, entityName, error } of failedKeys) {
    console.log(`${key} ${entityName} ${error.code}`);
  }
  const first = await employee.query().index('surname').getOne();
  console.log(`${first.key} ${(await employee.delete(first.key)) === undefined}`);
  try {
    await kvs.transact().set('k', {}, { entityName: 'employee', conditions: new Filter() })
      .execute();
  } catch (error) {
    console.log(`${error.name} ${error.message}`);
  }
  await employee.set('bad', { age: 'old' });
}
export function work() {}
""",
        """
async def created(event):
    employee = kvs.entity("employee")
    name = event["issue"]["key"]
    for n, age in ((1, 40), (2, 30), (3, 20)):
        gender = "f" if n % 2 else "m"
        await employee.set(f"{name}:{n}", {"surname": f"S{n}", "age": age, "gender": gender})
    before = await employee.set(f"{name}:3", {"surname": "T", "age": 50, "gender": "f"},
                                return_value="PREVIOUS")
    print(before.key, before.value["surname"])
    print((await employee.get(f"{name}:2"))["surname"])
    query = (
        employee.query().index("by-age-per-gender", partition=["f"])
        .where(WhereConditions.greater_than(30)).sort(Sort.DESC).limit(1)
    )
    page = await query.get_many()
    names = Filter().and_("surname", FilterConditions.begins_with("S"))
    try:
        await query.cursor(page.next_cursor).limit(5).filters(names).get_many()
    except sdk.ForgeKvsAPIError as error:
        print(page.results[0].key, error.code, error.message)
    old = (
        Filter().or_("age", FilterConditions.greater_than_equal_to(50))
        .or_("age", FilterConditions.not_exists())
    )
    await (
        kvs.transact().check(f"{name}:3", entity_name="employee", conditions=old)
        .delete(f"{name}:1", entity_name="employee").set(name, 1).execute()
    )
    answer = await kvs.batch_get([
        {"key": f"{name}:3", "entity_name": "employee"}, {"key": name},
        {"key": f"{name}:1", "entity_name": "employee"},
    ])
    for found in answer.successful_keys:
        age = found.value["age"] if found.entity_name else found.value
        print(found.key, found.entity_name or "-", age)
    for failed in answer.failed_keys:
        print(failed.key, failed.entity_name, failed.code)
    first = await employee.query().index("surname").get_one()
    print(first.key, "true" if await employee.delete(first.key) is None else "false")
    try:
        await (
            kvs.transact().set("k", {}, entity_name="employee", conditions=Filter()).execute()
        )
    except sdk.ForgeKvsError as error:
        print(error.name, error.message)
    await employee.set("bad", {"age": "old"})

def work():
    pass
""",
        ("kvs.done", "kvs.refused", "log", "product_event.dropped"),
    ),
    Pair(
        "pages of the old store",
        """
export async function created(event) {
  for (const n of [3, 1, 2]) await storage.set(`k${n}`, n);
  const query = storage.query().where('key', startsWith('k'));
  const page = await query.limit(2).getMany();
  console.log(page.results.map(({ key, value }) => `${key} ${value}`).join(', '));
  const rest = await query.cursor(page.nextCursor).getMany();
  console.log(`${rest.results.length} ${(await query.getOne()).key}`);
  const last = await query.cursor(rest.nextCursor).getMany();
  console.log(`${last.results.length} ${last.nextCursor === undefined}`);
  try {
    await query.limit(101).getMany();
  } catch (error) {
    console.log(error.message);
  }
}
export function work() {}
""",
        """
def created(event):
    for n in (3, 1, 2):
        storage.set(f"k{n}", n)
    query = storage.query().where("key", starts_with("k"))
    page = query.limit(2).get_many()
    print(", ".join(f"{each.key} {each.value}" for each in page.results))
    rest = query.cursor(page.next_cursor).get_many()
    print(len(rest.results), query.get_one().key)
    last = query.cursor(rest.next_cursor).get_many()
    print(len(last.results), "true" if last.next_cursor is None else "false")
    try:
        query.limit(101).get_many()
    except sdk.APIError as error:
        print(error)

def work():
    pass
""",
        ("kvs.done", "kvs.refused", "log"),
    ),
)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_both_languages_give_the_same_records(pair: Pair, tmp_path: Path) -> None:
    """As for single keys, and only refusals of the store end handlers in both."""
    seen = compare_records(pair, tmp_path)

    errors = [r["error"]["name"] for r in seen if r["type"] == "invocation.finished" and r["error"]]
    assert set(errors) <= {"ForgeKvsError"}
