"""A stateful SMS server for the real client: Twilio's messages as its specification has them.

It keeps what it takes, answers in the published shapes, and fails in every way a test asks for.
By itself (`python -m tests.dispatch.sms_server`) it prints its address and serves until ended.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

ACCOUNT = "AC" + "0a" * 16
TOKEN = "5ecret" * 5
NUMBER = "+12025550100"
SERVICE = "MG" + "0b" * 16
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_HANG_SECONDS = 30.0
_STOP, _START = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}, {"START", "UNSTOP"}


class Fault(StrEnum):
    """How the taking of a text goes wrong; ``_AFTER``: once it has been taken."""

    TOO_MANY = "429"
    ERROR = "500"
    ERROR_AFTER = "500 after taking it"
    HANG = "hangs"
    HANG_AFTER = "hangs after taking it"
    DROP = "drops the connection"
    DROP_AFTER = "drops the connection after taking it"
    GARBAGE = "answers with a web page"
    GARBAGE_AFTER = "answers with a web page after taking it"
    REDIRECT = "leads elsewhere"


_AFTER = {Fault.ERROR_AFTER, Fault.HANG_AFTER, Fault.DROP_AFTER, Fault.GARBAGE_AFTER}


@dataclass
class Record:
    """A text as the server keeps it."""

    sid: str
    to: str
    sender: str
    body: str
    status: str
    direction: str
    created: datetime
    sent: datetime | None = None
    service: str | None = None
    error_code: int | None = None

    def as_json(self) -> dict[str, Any]:
        """In the shape of the specification."""
        uri = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{self.sid}"
        return {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": self.sent and format_datetime(self.sent),
            "date_updated": format_datetime(self.sent or self.created),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender or None,
            "messaging_service_sid": self.service or None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


@dataclass
class SmsServer:
    """The server's state; whatever a test sets holds from the next request on."""

    texts: list[Record] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    """Each spoils one text."""
    always: Fault | None = None
    reading: Fault | None = None
    """How every look at the list goes wrong."""
    refuses: dict[str, int] = field(default_factory=dict)
    undelivered: dict[str, int] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    retry_after: int = 7
    delay: float = 0.0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    requests: int = 0
    at_once: int = 0
    most_at_once: int = 0
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    """By what lists were narrowed."""
    listed_keys: set[str] = field(default_factory=set)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    gate: threading.Event = field(default_factory=threading.Event)
    """Cleared, it keeps what comes in waiting before it is taken."""

    def __post_init__(self) -> None:
        self.gate.set()

    def taken(self) -> list[Record]:
        """What was sent through it."""
        return [text for text in self.texts if text.direction == "outbound-api"]

    def receive(self, sender: str, body: str) -> Record:
        """A text comes in; the usual words end and renew the sender's consent."""
        word, now = body.strip().upper(), self.clock()
        with self.lock:
            if word in _STOP:
                self.opted_out.add(sender)
            elif word in _START:
                self.opted_out.discard(sender)
            sid = f"SM{uuid.uuid4().hex}"
            text = Record(sid, NUMBER, sender, body, "received", "inbound", now, now)
            self.texts.append(text)
        return text

    def take(self, form: dict[str, list[str]]) -> Record | int:
        """A text is to be sent: what was made of it, or the number of the error."""
        to, body = form.get("To", [""])[0], form.get("Body", [""])[0]
        sender = form.get("From", [""])[0]
        service = form.get("MessagingServiceSid", [""])[0]
        for code, stands in (
            (21603, bool(sender or service)),
            (21606, sender in ("", NUMBER)),
            (21701, service in ("", SERVICE)),
            (21211, bool(_E164.fullmatch(to))),
            (21602, bool(body)),
            (21617, len(body) <= 1600),
            (21610, to not in self.opted_out),
            (self.refuses.get(to, 0), to not in self.refuses),
        ):
            if not stands:
                return code
        now = self.clock()
        status = "accepted" if service else "queued"
        text = Record(
            f"SM{uuid.uuid4().hex}", to, sender, body, status, "outbound-api", now, None, service
        )
        with self.lock:
            self.texts.append(text)
        return text

    def step(self, text: Record) -> None:
        """What waits is sent, and what was sent arrives or does not."""
        if text.status in ("accepted", "queued"):
            text.status, text.sent = "sent", self.clock()
        elif text.status == "sent":
            text.error_code = self.undelivered.get(text.to)
            text.status = "undelivered" if text.error_code else "delivered"

    def listed(self, query: dict[str, list[str]]) -> list[Record]:
        """What the list's filters let through, newest first."""
        found = list(reversed(self.texts))
        for name, attribute in (("To", "to"), ("From", "sender")):
            if name in query:
                found = [one for one in found if getattr(one, attribute) == query[name][0]]
        if since := query.get("DateSent>", [""])[0]:
            after = datetime.fromisoformat(since)
            after = after if after.tzinfo else after.replace(tzinfo=UTC)
            found = [one for one in found if one.sent is not None and one.sent >= after]
        return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    state: SmsServer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # Whoever sent it was killed half-way: nothing was asked.
            self.close_connection = True
            return
        form = parse_qs(body.decode(), keep_blank_values=True)
        state = self.state
        with state.lock:
            state.requests += 1
            state.forms.append(form)
            fault = state.faults.popleft() if state.faults else state.always
            state.at_once += 1
            state.most_at_once = max(state.most_at_once, state.at_once)
        time.sleep(state.delay)
        state.gate.wait(_HANG_SECONDS)
        with state.lock:
            state.at_once -= 1
        if not self._is_signed_in() or self._fails(fault if fault not in _AFTER else None):
            return
        taken = state.take(form)
        if self._fails(fault):
            return
        if isinstance(taken, int):
            self._refuse(400, taken)
        else:
            self._answer(201, taken.as_json())

    def do_GET(self) -> None:
        state, parts = self.state, urlsplit(self.path)
        with state.lock:
            state.requests += 1
        time.sleep(state.delay)
        if not self._is_signed_in() or self._fails(state.reading):
            return
        if parts.path.endswith("/Messages.json"):
            self._list(parse_qs(parts.query))
            return
        sid = parts.path.rsplit("/", 1)[-1].removesuffix(".json")
        found = next((one for one in state.texts if one.sid == sid), None)
        if found is None:
            self._refuse(404, 20404)
        else:
            state.step(found)
            self._answer(200, found.as_json())

    def _list(self, query: dict[str, list[str]]) -> None:
        found = self.state.listed(query)
        size, page = int(query.get("PageSize", ["50"])[0]), int(query.get("Page", ["0"])[0])
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        kept = {name: values[0] for name, values in query.items() if name[:4] != "Page"}
        pages = [
            f"{path}?{urlencode({**kept, 'PageSize': size, 'Page': n})}" for n in (0, page + 1)
        ]
        shown = found[page * size : (page + 1) * size]
        answer = {
            "end": page * size + max(len(shown) - 1, 0),
            "first_page_uri": pages[0],
            "messages": [one.as_json() for one in shown],
            "next_page_uri": pages[1] if len(found) > (page + 1) * size else None,
            "page": page,
            "page_size": size,
            "previous_page_uri": None,
            "start": page * size,
            "uri": self.path,
        }
        self.state.asked |= set(query)
        self.state.listed_keys = set(answer)
        self._answer(200, answer)

    def _is_signed_in(self) -> bool:
        expected = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {expected}":
            return True
        self._refuse(401, 20003)
        return False

    def _fails(self, fault: Fault | None) -> bool:
        """Whether the answer is spoilt, and spoil it."""
        match fault:
            case None:
                return False
            case Fault.TOO_MANY:
                self._refuse(429, 20429, {"Retry-After": str(self.state.retry_after)})
            case Fault.ERROR | Fault.ERROR_AFTER:
                self._refuse(500, 20500)
            case Fault.HANG | Fault.HANG_AFTER:
                self.state.released.wait(_HANG_SECONDS)
                self.close_connection = True
            case Fault.DROP | Fault.DROP_AFTER:
                self.close_connection = True
            case Fault.GARBAGE | Fault.GARBAGE_AFTER:
                self._send(200, b"<html>Please sign in</html>", {"Content-Type": "text/html"})
            case Fault.REDIRECT:
                self._send(302, b"", {"Location": f"{self.state.url}/elsewhere"})
        return True

    def _refuse(self, status: int, code: int, headers: dict[str, str] | None = None) -> None:
        told = {"code": code, "message": "No.", "more_info": "", "status": status}
        self._answer(status, told, headers)

    def _answer(self, status: int, told: Any, headers: dict[str, str] | None = None) -> None:
        kind = {"Content-Type": "application/json"}
        self._send(status, json.dumps(told).encode(), kind | (headers or {}))

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever waited no longer than they said has gone, which is no error here."""


@contextmanager
def sms_server() -> Iterator[SmsServer]:
    """A server on a free port of this machine."""
    state = SmsServer()
    handler = type("Handler", (_Handler,), {"state": state})
    with _Server(("127.0.0.1", 0), handler) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            state.released.set()
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with sms_server() as serving:
        print(serving.url, flush=True)  # noqa: T201
        serving.released.wait()
