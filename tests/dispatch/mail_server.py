"""A real mail server on loopback that can be told to fail in every way that servers do."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from clinic_tui.mail_settings import MailSettings, Security

SENDER = "clinic@example.org"
USER, PASSWORD = "clinic", "a long password"


class Fails(Enum):
    """How the server misbehaves."""

    NEVER = 0
    NO_SUCH_USER = 1
    """The first recipient that it sees is refused for good."""
    FULL = 2
    """Every recipient is refused for now."""
    HANGS = 3
    """It never answers to a sender."""
    DROPS_AFTER_DATA = 4
    """It takes the content and hangs up without a word."""
    TAKES_AND_DROPS = 5
    """As that, having kept the first message."""
    CLOSES = 6
    """It is going down, and says so to a sender."""
    NO_SUCH_SENDER = 7
    """It takes nothing from the clinic's address."""
    POLICY = 8
    """It takes nothing for these recipients because of who sends it: for the moment, one hopes."""
    BAD_CONTENT = 9
    """It refuses the content for good."""
    BUSY = 10
    """It does not take the content now."""


_TO_A_SENDER = {
    Fails.CLOSES: "421 4.3.2 Going down",
    Fails.NO_SUCH_SENDER: "550 5.1.8 No mail from there",
}
_TO_A_RECIPIENT = {
    Fails.FULL: "452 4.2.2 The mailbox is full",
    Fails.POLICY: "550 5.7.1 Listed as a spammer",
}
_TO_THE_CONTENT = {
    Fails.BAD_CONTENT: "554 5.6.0 Not like that",
    Fails.BUSY: "451 4.3.0 Try again later",
}


@dataclass
class Handler:
    """What the server does and what it has taken."""

    fails: Fails = Fails.NEVER
    delay: float = 0.0
    """Seconds before each of the four answers to a message."""
    senders: int = 0
    connections: int = 0
    taken: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.senders += 1
        if self.fails is Fails.HANGS:
            await asyncio.Event().wait()
        await asyncio.sleep(self.delay)
        if self.fails in _TO_A_SENDER:
            return _TO_A_SENDER[self.fails]
        envelope.mail_from, envelope.mail_options = address, options
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.fails is Fails.NO_SUCH_USER and address.startswith("p0@"):
            return f"550 5.1.1 <{address}>: there is no such user"
        if self.fails in _TO_A_RECIPIENT:
            return _TO_A_RECIPIENT[self.fails]
        await asyncio.sleep(self.delay)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.fails in _TO_THE_CONTENT:
            return _TO_THE_CONTENT[self.fails]
        if self.fails is not Fails.DROPS_AFTER_DATA:
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append((envelope.rcpt_tos, message))
        if self.fails in (Fails.DROPS_AFTER_DATA, Fails.TAKES_AND_DROPS):
            if self.fails is Fails.TAKES_AND_DROPS:
                self.fails = Fails.NEVER
            server.transport.abort()
        await asyncio.sleep(self.delay)
        return "250 2.0.0 OK"


class _Server(SMTP):
    """Waits also before it asks for the content."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await asyncio.sleep(self.event_handler.delay)
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server(
    handler: Handler,
    security: Security = Security.LOCAL,
    *,
    trusted: bool = True,
    utf8: bool = False,
) -> Iterator[MailSettings]:
    """A server until the end of the block, and the settings by which it is reached.

    ``utf8``: it takes addresses beyond ASCII (RFC 6531).
    """
    options: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    if security is not Security.LOCAL:
        ours, file = _authority()
        authority = ours if trusted else trustme.CA()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)
        options = {"authenticator": _knows}
        if security is Security.TLS:  # To aiosmtpd that is no TLS.
            options |= {"ssl_context": context, "auth_require_tls": False}
        else:
            options |= {"tls_context": context, "require_starttls": True, "auth_required": True}
        settings = {"user": USER, "password_file": str(file.parent / "password"), "ca_file": file}
    options["enable_SMTPUTF8"] = utf8
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = _Controller(handler, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        host = "localhost" if settings else "127.0.0.1"
        yield MailSettings(host, SENDER, port, security, **settings)
    finally:
        controller.stop(no_assert=True)


def _knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    matches = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=matches, handled=False)


@cache
def _authority() -> tuple[trustme.CA, Path]:
    """An authority of our own, and the file of its certificate beside one of the password."""
    authority = trustme.CA()
    folder = Path(mkdtemp())
    file = folder / "ca.pem"
    authority.cert_pem.write_to_path(file)
    password = folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o600)
    return authority, file
