"""An app in Python with a queue, a web trigger, a schedule and a `preUninstall` module."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import AppDir

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/3d9a1c77-52b8-4a6e-9f0c-6f1f4d2e8b22
  runtime: {name: nodejs22.x}
permissions:
  scopes: [read:jira-work, storage:app]
modules:
  trigger:
    - {key: on-created, function: created, events: ['avi:jira:created:issue']}
  consumer:
    - {key: parcels, queue: parcels, function: deliver}
  webtrigger:
    - {key: hook, function: answer, response: {type: dynamic}}
    - key: signed
      function: answer
      response: {type: dynamic}
      request: {authentication: hmacSharedSecret}
  scheduledTrigger:
    - {key: hourly, function: count, interval: hour}
  preUninstall:
    - {key: farewell, function: leave}
  function:
    - {key: created, handler: index.created}
    - {key: deliver, handler: index.deliver}
    - {key: answer, handler: index.hook}
    - {key: count, handler: index.count}
    - {key: leave, handler: index.farewell}
"""
SOURCE = """\
import json

from forge_emu.sdk import Queue, kvs

queue = Queue(key="parcels")

def created(event):
    queue.push({"body": {"to": event["issue"]["key"]}, "delayInSeconds": 300})

def deliver(event):
    to = event["body"]["to"]
    if to == "nobody":
        raise LookupError("nobody lives there")
    kvs.set(f"delivered:{to}", True)

def hook(request):
    told = {"method": request["method"], "body": request.get("body"),
            "query": request["queryParameters"], "path": request.get("userPath")}
    return {"statusCode": 201, "headers": {"x-kind": ["told"]}, "body": json.dumps(told)}

def count(event):
    kvs.set("runs", (kvs.get("runs") or 0) + 1)

def farewell(event):
    kvs.set("left", event["context"]["moduleKey"])
"""


def write_verbs_app(app_dir: AppDir) -> Path:
    """The app in a fresh directory."""
    return app_dir({"manifest.yml": MANIFEST, "src/index.py": SOURCE})
