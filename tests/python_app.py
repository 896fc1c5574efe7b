"""A small app in Python, for tests that need code to run and no Node.js."""

from __future__ import annotations

from pathlib import Path

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/1
  name: listener
  runtime:
    name: nodejs22.x
modules:
  function:
    - key: listen
      handler: index.listen
  trigger:
    - key: listener
      function: listen
      events:
        - avi:jira:created:issue
permissions:
  scopes:
    - read:jira-work
    - storage:app
"""

LISTEN = """\
def listen(event, context):
    print(event["issue"]["key"])
"""


def write_app(folder: Path, source: str = LISTEN) -> Path:
    """An app in `folder` that listens for created issues."""
    (folder / "src").mkdir(parents=True)
    (folder / "manifest.yml").write_text(MANIFEST, "utf-8")
    (folder / "src" / "index.py").write_text(source, "utf-8")
    return folder
