"""The backend: verifies the invocation token of each request, and counts the attempts.

python remote.py APP_ID JWKS_URL [STATUS|slow|redirect]...

It prints its address, then a line of JSON for each request. It answers with the statuses in turn,
the last one again and again; 204 without any, and 401 where the token is not sound.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt


class Backend(ThreadingHTTPServer):
    """One server; `answers` are still to be given."""

    daemon_threads = True

    def __init__(self, app_id: str, jwks_url: str, answers: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.app_id, self.answers = app_id, answers
        self.keys = jwt.PyJWKClient(jwks_url)
        self.attempts = 0

    def verify(self, header: str) -> dict[str, object]:
        """The claims of a token. Raises jwt.PyJWTError where it is not sound."""
        token = header.removeprefix("Bearer ")
        key = self.keys.get_signing_key_from_jwt(token)
        return jwt.decode(
            token, key, ["RS256"], audience=self.app_id, issuer="forge/invocation-token"
        )


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Backend

    def do_POST(self) -> None:
        """Verify, print, answer."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.attempts += 1
        answers = self.server.answers
        answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else "204"
        try:
            claims = self.server.verify(self.headers["authorization"])
        except jwt.PyJWTError as error:
            claims, answer = {"error": str(error)}, "401"
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = {"attempt": self.server.attempts, "path": self.path, "headers": headers}
        sys.stdout.write(json.dumps({**seen, "claims": claims, "body": body}) + "\n")
        sys.stdout.flush()
        if answer == "slow":
            # Until the caller has given up.
            self.rfile.read(1)
            return
        self.send_response(302 if answer == "redirect" else int(answer))
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *ignored: object) -> None:
        """Say nothing on stderr."""


if __name__ == "__main__":
    backend = Backend(sys.argv[1], sys.argv[2], sys.argv[3:])
    sys.stdout.write(f"http://127.0.0.1:{backend.server_port}\n")
    sys.stdout.flush()
    backend.serve_forever()
