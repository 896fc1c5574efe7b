from forge_emu.sdk import api


async def hear(event, context):
    print(event["context"]["moduleKey"])
    path = f"/rest/api/2/issue/{event['issue']['key']}/comment"
    await api.as_app().request_jira(path, method="POST", body={"body": "Heard."})
