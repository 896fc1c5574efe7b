from forge_emu.sdk import api


async def comments(event, context):
    key = event["issue"]["key"]
    await write("POST", f"/rest/api/2/issue/{key}/comment", {"body": "Thank you."})


async def properties(event, context):
    key = event["issue"]["key"]
    await write("PUT", f"/rest/api/3/issue/{key}/properties/seen", {"seen": True})


async def pages(event, context):
    page_id = event["content"]["id"]
    path = f"/wiki/api/v2/pages/{page_id}"
    response = await api.as_app().request_confluence(path)
    page = response.json()
    version = page["version"]["number"] + 1
    body = {
        "id": page_id,
        "status": "current",
        "title": page["title"],
        "version": {"number": version},
        "body": {"representation": "storage", "value": f"<p>{version}</p>"},
    }
    response = await api.as_app().request_confluence(path, method="PUT", body=body)
    print(response.status)


async def write(method, path, body):
    response = await api.as_app().request_jira(path, method=method, body=body)
    print(response.status)
