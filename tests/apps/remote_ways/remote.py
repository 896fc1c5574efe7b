"""A whole backend: it verifies each token, keeps a note of each event, and comments on its issue.

python remote.py APP_ID EMULATOR_URL [FAILURES]

It prints its address, then a line of JSON for each request. It fails the first FAILURES events.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

import jwt

APP_ID, EMULATOR, FAILURES = sys.argv[1], sys.argv[2], int((*sys.argv, "0")[3])
KEYS = jwt.PyJWKClient(f"{EMULATOR}/.well-known/jwks.json")
ISSUER = "forge/invocation-token"
STORE = f"{EMULATOR}/forge/storage/kvs/v1"  # on Forge: https://api.atlassian.com/forge/storage/kvs
failed: list[str] = []


def say(line: str) -> None:
    """A line of output."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def call(url: str, token: str, body: object) -> object:
    """Call one of the platform's REST APIs with the app's own token."""
    head = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    with urlopen(Request(url, json.dumps(body).encode(), head)) as answer:
        return json.loads(answer.read() or b"null")


class Handler(BaseHTTPRequestHandler):
    """One request of Forge."""

    def do_POST(self) -> None:
        """Verify, work, answer; a status of 503 makes Forge try again."""
        text = self.rfile.read(int(self.headers["content-length"] or 0)).decode()
        token = self.headers["authorization"].removeprefix("Bearer ")
        try:
            key = KEYS.get_signing_key_from_jwt(token)
            claims = jwt.decode(token, key, ["RS256"], audience=APP_ID, issuer=ISSUER)
        except jwt.PyJWTError as error:
            self.answer(401, {"error": str(error)}, {})
            return
        if len(failed) < FAILURES:
            failed.append(text)
            self.answer(503, {}, claims)
            return
        if self.path == "/created":
            done = self.comment(text, claims)
        else:
            done = {"outputKey": "ok"} if self.path == "/fixed" else self.echo(text, claims)
        self.answer(200, done, claims)

    do_GET = do_PUT = do_POST

    def comment(self, text: str, claims: dict[str, Any]) -> object:
        """Write to the store, and to the issue, by which Jira makes an event."""
        token, key = (
            self.headers["x-forge-oauth-system"],
            json.loads(text)["payload"]["issue"]["key"],
        )
        call(f"{STORE}/set", token, {"key": f"seen:{key}", "value": {"attempts": len(failed) + 1}})
        base = claims["app"]["apiBaseUrl"]
        call(f"{base}/rest/api/2/issue/{key}/comment", token, {"body": "seen by the backend"})
        return call(f"{STORE}/get", token, {"key": f"seen:{key}"})

    def echo(self, text: str, claims: dict[str, Any]) -> object:
        """What came in."""
        return {
            "method": self.command,
            "path": self.path,
            "body": text,
            "who": claims.get("principal"),
        }

    def answer(self, status: int, body: object, claims: dict[str, Any]) -> None:
        """Say what happened, here and to the caller."""
        seen = {"path": self.path, "status": status, "answer": body, "claims": claims}
        say(json.dumps({**seen, "headers": dict(self.headers)}))
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *ignored: object) -> None:
        """Say nothing on stderr."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    say(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()
