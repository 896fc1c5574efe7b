"""Requests of handlers to the outside: what leaves the machine, and what the handler sees."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from forge_emu.testing import Emulator
from tests.e2e.emulator_process import run_command

MANIFEST = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11
  runtime: {name: nodejs22.x}
permissions:
  scopes: [read:jira-work]
  external:
    fetch:
      backend:
        - address: https://api.example.com
        - localhost
        - 127.0.0.1
modules:
  trigger:
    - {key: on-created, function: created, events: [avi:jira:created:issue]}
  function:
    - {key: created, handler: index.created}
"""

SCRIPT = """\
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import dgram from 'node:dgram';
import dns from 'node:dns';

const base = process.env.BASE ?? 'https://api.example.com';
const body = JSON.stringify({ key: 'EMU-1' });
const post = { method: 'POST', headers: { 'content-type': 'application/json' } };

function viaModule(options) {
  return new Promise((resolve, reject) => {
    const module = base.startsWith('https') ? https : http;
    const request = module.request(`${base}/v1/notify`, { ...post, ...options }, (response) => {
      let text = '';
      response.on('data', (chunk) => { text += chunk; });
      response.on('end', () => resolve([response.statusCode, text]));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const viaSocket = (open) => new Promise((resolve, reject) => {
  const socket = open();
  socket.on('error', reject);
  socket.on('data', resolve);
});

const ways = {
  async fetch() {
    const response = await fetch(`${base}/v1/notify`, { ...post, body });
    return [response.status, await response.text()];
  },
  request: () => viaModule({}),
  'request without agent': () => viaModule({ agent: false }),
  'request with keep-alive': () => {
    const { Agent } = base.startsWith('https') ? https : http;
    return viaModule({ agent: new Agent({ keepAlive: true }) });
  },
  tcp: () => viaSocket(() => net.connect(5432, 'db.example.com')),
  'tcp that writes': () => viaSocket(() => {
    const socket = net.connect(6379, 'db.example.com', () => socket.write('*1\\r\\n'));
    return socket;
  }),
  'socket made before': () => viaSocket(() => new net.Socket().connect(5432, 'db.example.com')),
  tls: () => viaSocket(() => tls.connect(993, 'mail.example.com')),
  udp: () => new Promise((resolve, reject) => {
    const socket = dgram.createSocket('udp4');
    socket.send('x', 53, 'dns.example.com', (error) => (error ? reject(error) : resolve('sent')));
  }),
  async names() {
    const { address } = await dns.promises.lookup('api.example.com');
    const known = await new Promise((resolve) => {
      dns.lookup('api.example.com', (_, found) => resolve(found));
    });
    const other = await dns.promises.resolveTxt('api.example.com').catch((error) => error.code);
    return [address, known, await dns.promises.resolve4('api.example.com'), other];
  },
  async elsewhere() {
    const response = await fetch('https://elsewhere.example.com/');
    return [response.status, response.headers.get('forge-proxy-error')];
  },
};

export async function created() {
  for (const [name, way] of Object.entries(ways)) {
    try {
      console.log(JSON.stringify([name, await way()]));
    } catch (error) {
      console.log(JSON.stringify([name, String(error.message)]));
    }
  }
}
"""

MODULE = """\
import asyncio, http.client, json, os, socket, ssl, urllib.error, urllib.request
import _socket

base = os.environ.get("BASE", "https://api.example.com")
body = json.dumps({"key": "EMU-1"}).encode()
headers = {"content-type": "application/json"}


def via_urllib():
    request = urllib.request.Request(f"{base}/v1/notify", data=body, headers=headers)
    with urllib.request.urlopen(request) as response:
        return [response.status, response.read().decode()]


def via_http_client():
    kind = http.client.HTTPSConnection if base.startswith("https") else http.client.HTTPConnection
    connection = kind(base.partition("://")[2])
    connection.request("POST", "/v1/notify", body, headers)
    response = connection.getresponse()
    return [response.status, response.read().decode()]


async def via_streams():
    scheme, _, host = base.partition("://")
    name, _, port = host.partition(":")
    tls = ssl.create_default_context() if scheme == "https" else None
    reader, writer = await asyncio.open_connection(name, int(port or 443), ssl=tls)
    lines = ("POST /v1/notify HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}", "", "")
    writer.write("\\r\\n".join(lines).encode() + body)
    answer = (await reader.read()).decode()
    head, _, text = answer.partition("\\r\\n\\r\\n")
    return [int(head.split()[1]), text]


def tcp():
    return socket.create_connection(("db.example.com", 5432)).recv(1).decode()


def tcp_that_writes():
    connection = socket.create_connection(("db.example.com", 6379))
    connection.sendall(b"*1\\r\\n")


async def tcp_on_a_loop():
    reader, _ = await asyncio.open_connection("db.example.com", 5432)
    return (await reader.read()).decode()


def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("dns.example.com", 53))


def below_the_module():
    _socket.socket().connect(("127.0.0.1", 9))


def names():
    address = socket.getaddrinfo("api.example.com", 443)[0][4][0]
    known = socket.gethostbyname("api.example.com")
    return [address, known, [known], "EREFUSED"]


def elsewhere():
    try:
        urllib.request.urlopen("https://elsewhere.example.com/")
    except urllib.error.HTTPError as error:
        return [error.code, error.headers["forge-proxy-error"]]


WAYS = {
    "urllib": via_urllib,
    "http.client": via_http_client,
    "streams": via_streams,
    "in a thread": lambda: asyncio.to_thread(via_urllib),
    "tcp": tcp,
    "tcp that writes": tcp_that_writes,
    "tcp on a loop": tcp_on_a_loop,
    "udp": udp,
    "below the module": below_the_module,
    "names": names,
    "elsewhere": elsewhere,
}


async def created():
    for name, way in WAYS.items():
        try:
            found = way()
            print(json.dumps([name, await found if asyncio.iscoroutine(found) else found]))
        except OSError as error:
            print(json.dumps([name, str(error)]))
"""

HTTP_WAYS = {
    "js": ("fetch", "request", "request without agent", "request with keep-alive"),
    "py": ("urllib", "http.client", "streams", "in a thread"),
}
OTHER_WAYS = {
    "js": ("tcp", "tcp that writes", "socket made before", "tls", "udp"),
    "py": ("tcp", "tcp that writes", "tcp on a loop", "udp", "below the module"),
}
LANGUAGES = [pytest.param("js", marks=pytest.mark.node), "py"]


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """The language of the handler."""
    return str(request.param)


@pytest.fixture
def app(tmp_path: Path, language: str) -> Path:
    """An app that goes every way out."""
    root = tmp_path / "app"
    (root / "src").mkdir(parents=True)
    (root / "manifest.yml").write_text(MANIFEST, "utf-8")
    (root / "package.json").write_text("{}", "utf-8")
    source = SCRIPT if language == "js" else MODULE
    (root / "src" / f"index.{language}").write_text(source, "utf-8")
    return root


@pytest.fixture
def stand_in() -> Iterator[tuple[str, list[str]]]:
    """The address of a server on this machine, and what it has received."""
    received: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        # Head and body together: a socket without input for a second counts as at rest.
        wbufsize = -1

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            received.append(f"{self.path} {self.rfile.read(length).decode()}")
            self.send_response(201)
            self.end_headers()
            self.wfile.write(b"from outside")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}", received
        finally:
            server.shutdown()


Played = tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]


def simulate(app: Path, *arguments: str) -> Played:
    """What each way ended with, the records, and the summary."""
    file = app.parent / "records.jsonl"
    given = (*arguments, "--records", str(file), "--json")
    done = run_command("simulate", app, "issue-created", *given)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    logs = [line["message"] for line in lines if line["type"] == "log"]
    seen = dict(json.loads(message) for message in logs if message.startswith("["))
    return seen, lines, json.loads(done.stdout)


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The records of a type."""
    return [line for line in lines if line["type"] == kind]


def test_simulate_lets_nothing_out(
    app: Path, language: str, stand_in: tuple[str, list[str]]
) -> None:
    """Not even to this machine: each way fails with host and mock, and is on record."""
    base, received = stand_in

    seen, lines, summary = simulate(app, "--set", f"env.BASE={base}")

    assert received == []
    mock = f"{{request: 'POST {base}/v1/notify', body: {{}}}}"
    for way in HTTP_WAYS[language]:
        assert "held back" in seen[way], way
        assert mock in seen[way], way
    for way in OTHER_WAYS[language]:
        assert "only HTTPS goes out" in seen[way], way
    refused = of_type(lines, "request.refused")
    assert len(refused) == len(HTTP_WAYS[language]) + len(OTHER_WAYS[language]) + 1
    assert summary["missing_answers"]["product_events"] == 1
    assert mock in summary["missing_answers"]["mocks"]


def test_with_network_requests_go_out(
    app: Path, language: str, stand_in: tuple[str, list[str]]
) -> None:
    """Byte for byte, and their answers are the handler's; other protocols stay in."""
    base, received = stand_in

    seen, lines, _ = simulate(app, "--network", "--set", f"env.BASE={base}")

    ways = HTTP_WAYS[language]
    assert {way: seen[way] for way in ways} == {way: [201, "from outside"] for way in ways}
    sent = [json.loads(each.removeprefix("/v1/notify ")) for each in received]
    assert sent == [{"key": "EMU-1"}] * len(ways)
    assert len(of_type(lines, "request.sent")) == len(ways)
    assert [each["status"] for each in of_type(lines, "request.ended")] == [201] * len(ways)
    for way in OTHER_WAYS[language]:
        assert "only HTTPS goes out" in seen[way], way


def test_what_real_addresses_answer_is_kept(
    app: Path, language: str, stand_in: tuple[str, list[str]]
) -> None:
    """With what is in the event, of every way; the handler's own answers stay what they are."""
    base, _ = stand_in
    with Emulator(app, network=True, variables={"BASE": base}) as emu:
        emu.trigger("issue-created")
        emu.until_idle()
        (attempt,) = emu.payload(emu.product_events[0])["invocations"]
        logs = emu.logs
    ways = HTTP_WAYS[language]
    sent = [each for each in attempt["requests"] if each["url"].startswith(base)]
    assert [(each["status"], each["answer"]) for each in sent] == [(201, "from outside")] * len(
        ways
    )
    seen = dict(json.loads(message) for message in logs if message.startswith("["))
    assert {way: seen[way] for way in ways} == {way: [201, "from outside"] for way in ways}


def test_mocks_answer_every_way_alike(app: Path, language: str) -> None:
    """In turn, by the request's body; twice the same records."""
    (app / "forge-emu.yml").write_text(
        "mocks:\n"
        "  - request: POST https://api.example.com/v1/{what}\n"
        "    request_body: {key: EMU-1}\n"
        "    answers:\n"
        "      - {status: 503, body: not yet}\n"
        "      - {body: 'done: {what}'}\n",
        "utf-8",
    )

    seen, lines, _ = simulate(app, "--seed", "3")

    first, *others = HTTP_WAYS[language]
    answers = {way: seen[way] for way in others}
    assert answers == {way: [200, "done: notify"] for way in others}
    assert "503" in str(seen[first])
    mocked = of_type(lines, "request.mocked")
    assert [(each["host"], each["path"]) for each in mocked] == [
        ("https://api.example.com", "/v1/notify")
    ] * len(HTTP_WAYS[language])
    assert simulate(app, "--seed", "3")[1] == lines


def test_the_platform_refuses_what_the_manifest_does_not_name(app: Path) -> None:
    """A response with status 403, with and without the network."""
    for network in ((), ("--network",)):
        assert simulate(app, *network)[0]["elsewhere"] == [403, "BLOCKED_EGRESS"]


def test_names_of_hosts_are_looked_up_nowhere(app: Path) -> None:
    """Each has an address that no host has, and other questions are refused."""
    address = "198.18.0.1"
    assert simulate(app)[0]["names"][1:] == [address, [address], "EREFUSED"]


def test_the_summary_says_what_nothing_answered(app: Path) -> None:
    """And the file of missing mocks can be taken as it is."""
    done = run_command("simulate", app, "issue-created", "--count", "20")
    assert "20 succeeded, 20 of them after a request that nothing answered" in done.stdout
    assert ".forge-emu/missing-mocks.yml" in done.stdout
    (app / "forge-emu.yml").write_bytes((app / ".forge-emu" / "missing-mocks.yml").read_bytes())

    _, lines, _ = simulate(app)

    assert of_type(lines, "request.mocked")
    limits = {each["limit"] for each in of_type(lines, "request.refused")}
    assert limits == {"egress.https", "egress.permission"}


def run_once(app: Path, *arguments: str) -> list[dict[str, Any]]:
    """The records of `run` until all is over."""
    given = ("--trigger", "issue-created", "--until-idle", "--ephemeral", "--json")
    done = run_command("run", app, *given, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_run_says_the_first_request_that_goes_out(
    app: Path, language: str, stand_in: tuple[str, list[str]]
) -> None:
    """Once, however many follow."""
    base, received = stand_in

    lines = run_once(app, "--set", f"env.BASE={base}")

    assert len(received) == len(HTTP_WAYS[language])
    warnings = [each for each in of_type(lines, "log") if "--offline" in each["message"]]
    assert len(warnings) == 1
    assert f"POST {base}/v1/notify" in warnings[0]["message"]


def test_run_offline_lets_nothing_out(
    app: Path, language: str, stand_in: tuple[str, list[str]]
) -> None:
    """Each is refused, and no warning is needed."""
    base, received = stand_in

    lines = run_once(app, "--offline", "--set", f"env.BASE={base}")

    assert received == []
    held = [each for each in of_type(lines, "request.refused") if "--offline" in each["message"]]
    assert len(held) == len(HTTP_WAYS[language])
