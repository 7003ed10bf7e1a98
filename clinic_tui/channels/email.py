"""E-mail: yagmail connects and signs in, one connection a batch, each message on its own.

Encryption is verified, or there is none by explicit setting and on this machine only. yagmail's
own ``send`` is not used: it repeats in secret, attaches files named in a text, and writes HTML.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from enum import Enum
from typing import TYPE_CHECKING, Any

from ..domain.codes import Channel
from ..domain.delivery import Claimed, Outcome
from ..domain.errors import BadInput, Refusal
from ..mail_settings import MailSettings, Security
from .letters import compose, recipient

if TYPE_CHECKING:
    from yagmail import SMTP

TIMEOUT = 10.0
"""Seconds that the server may take for one answer."""
_LAST_WORD = 1.0
_MOST_DROPS = 2
"""Connections lost in one batch, one after another, after which the server is at fault."""
_OTHERS_WAIT = "The mail server does not answer in time to what it was sent before."
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
"""Doubled, so that no line of a message ends it (RFC 5321, 4.5.2)."""
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}")


class _Stage(Enum):
    """How far a message has come on its connection."""

    SENDER = "sender"
    ADDRESS = "address"
    CONTENT = "content"
    END = "end"
    """The line by which the server takes it: what comes before it a server throws away."""


class MailUnavailable(Refusal):
    """The mail server cannot be used now; the sentence says why."""


class Email:
    """The mail server of the settings. ``timeout`` is in seconds, for each answer."""

    code = Channel.EMAIL
    one_in_doubt = True

    def __init__(self, settings: MailSettings, *, timeout: float = TIMEOUT) -> None:
        self._settings = settings
        self._timeout = timeout
        self._last_lines = threading.Lock()
        """Held from a message's last line until its outcome was told."""

    def send(self, claimed: Iterable[Claimed]) -> Iterator[tuple[int, Outcome]]:
        """Send them over one connection; a lost one is made again once.

        Of all connections one at a time says a last line, and the next one when that outcome has
        been told: nobody can be asked what became of it, so a kill leaves one in doubt at most.
        """
        client: SMTP | None = None
        drops = 0
        try:
            for one in claimed:
                try:
                    content = compose(one, self._settings)
                    to = recipient(one.address)
                except BadInput:
                    yield one.notice_id, Outcome.refused("It cannot be written as an e-mail.")
                    continue
                try:
                    client = client or self.connect()
                except Refusal as refusal:
                    yield one.notice_id, Outcome.passing(str(refusal), is_fault=True)
                    return
                with ExitStack() as turn:
                    outcome, is_alive = self._deliver(client.smtp, content, to, turn)
                    drops = 0 if is_alive else drops + 1
                    if not is_alive:
                        _hang_up(client)
                        client = None
                    yield one.notice_id, outcome
                if drops >= _MOST_DROPS:
                    return
        finally:
            if client is not None:
                _hang_up(client)

    def look_up(self, claimed: Claimed) -> Outcome | None:  # noqa: ARG002 - mail has no answer
        """Nobody can be asked: it may be sent again, with the Message-ID it had."""
        return None

    def _deliver(
        self, smtp: smtplib.SMTP, content: bytes, to: str, turn: ExitStack
    ) -> tuple[Outcome, bool]:
        """Hand one message over; what became of it, and whether the connection still stands.

        ``turn`` is ours from its last line on.
        """
        options = []
        if not to.isascii():
            if not smtp.has_extn("smtputf8"):
                return Outcome.refused("The mail server takes no address beyond ASCII."), True
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        steps: dict[_Stage, Callable[[], tuple[int, bytes]]] = {
            _Stage.SENDER: lambda: smtp.mail(self._settings.sender, options),
            _Stage.ADDRESS: lambda: smtp.rcpt(to),
            _Stage.CONTENT: lambda: _all_but_the_last_line(smtp, content),
            _Stage.END: lambda: smtp.docmd("."),
        }
        stage = _Stage.SENDER
        try:
            for stage, say in steps.items():
                if stage is _Stage.END:
                    if not self._last_lines.acquire(timeout=self._timeout * 2):
                        return Outcome.passing(_OTHERS_WAIT, is_fault=True), False
                    turn.callback(self._last_lines.release)
                code, answer = say()
                if code // 100 != (3 if stage is _Stage.CONTENT else 2):
                    return _refused(smtp, stage, code, answer)
        except (OSError, smtplib.SMTPException):
            return _lost(stage), False
        return Outcome.sent(), True

    def connect(self) -> SMTP:
        """Connect and sign in; ``MailUnavailable`` with the reason where that fails."""
        try:
            client = self._client()
        except (OSError, ssl.SSLError) as error:
            raise MailUnavailable("The file of trusted certificates cannot be read.") from error
        try:
            client.login()
            client.smtp.ehlo_or_helo_if_needed()  # Without signing in yagmail leaves it out.
            # Else a last line waits for the server to have acknowledged the lines before it, and
            # the server waits 40 ms to do that together with its answer.
            client.smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            if client.smtp is not None:
                client.smtp.close()
            raise MailUnavailable(_why(error)) from error
        return client

    def check(self) -> None:
        """Connect, sign in and leave; ``Refusal`` with the reason where that fails."""
        _hang_up(self.connect())

    def _client(self) -> SMTP:
        import yagmail  # noqa: PLC0415 - 0.1 s that only a sender needs

        settings = self._settings
        trusted = {}
        secure: dict[str, ssl.SSLContext] = {}
        if settings.security is not Security.LOCAL:
            secure["context"] = ssl.create_default_context(cafile=settings.ca_file or None)
        if settings.security is Security.TLS:
            trusted = secure
        connection: Any = yagmail.SMTP
        client: SMTP = connection(
            settings.user or settings.sender,
            settings.password() if settings.user else "",
            host=settings.host,
            port=settings.port,
            smtp_ssl=settings.security is Security.TLS,
            smtp_starttls=secure if settings.security is Security.STARTTLS else False,
            smtp_skip_login=not settings.user,
            soft_email_validation=False,
            timeout=self._timeout,
            local_hostname=_own_name(),
            **trusted,
        )
        client.user = settings.user  # As it is written, where yagmail adds “@gmail.com”.
        client.set_logging(None)
        return client


def _all_but_the_last_line(smtp: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    code, answer = smtp.docmd("DATA")
    if code == 354:
        smtp.send(_LEADING_DOT.sub(b"..", content).removesuffix(b"\r\n") + b"\r\n")
    return code, answer


def _refused(
    smtp: smtplib.SMTP, stage: _Stage, code: int, answer: bytes | str
) -> tuple[Outcome, bool]:
    """What an answer means: its code alone is kept, because its words may quote an address."""
    raw = answer if isinstance(answer, bytes) else answer.encode()
    found = _ENHANCED.search(raw)
    enhanced = found[0].decode() if found else ""
    number = f"{code} {enhanced}".strip()
    if code == 421:
        return Outcome.passing(f"The mail server closes ({number}).", is_fault=True), False
    is_alive = True
    try:
        smtp.rset()
    except (OSError, smtplib.SMTPException):
        is_alive = False
    if stage is _Stage.SENDER:
        return Outcome.passing(
            f"The mail server does not take messages from this address ({number}).", is_fault=True
        ), is_alive
    what = "the address" if stage is _Stage.ADDRESS else "the message"
    if code // 100 == 5 and not enhanced.startswith("5.7.") and code not in (530, 535):
        return Outcome.refused(f"The mail server refuses {what} ({number})."), is_alive
    return Outcome.passing(f"The mail server does not take {what} now ({number})."), is_alive


def _lost(stage: _Stage) -> Outcome:
    """What a lost connection leaves: only once the last line was said is there doubt."""
    if stage is _Stage.END:
        return Outcome.unknown(
            "The mail server did not say whether it took the message.", is_fault=True
        )
    sentence = "The mail server dropped the connection, or did not answer in time."
    return Outcome.passing(sentence, is_fault=stage is _Stage.SENDER)


def _hang_up(client: SMTP) -> None:
    """Leave politely, within a second."""
    with suppress(OSError, smtplib.SMTPException):
        if client.smtp.sock is not None:
            client.smtp.sock.settimeout(_LAST_WORD)
            client.smtp.quit()
    client.is_closed = True
    client.smtp.close()


def _why(error: Exception) -> str:
    """Why no connection came about, as a sentence of ours: a server's words may hold anything."""
    if isinstance(error.__context__, TimeoutError):
        error = error.__context__
    for kind, sentence in (
        (
            ssl.SSLCertVerificationError,
            "The mail server's certificate is not to be trusted: nothing was said to it.",
        ),
        (smtplib.SMTPAuthenticationError, "The mail server does not take the user and password."),
        (
            smtplib.SMTPNotSupportedError,
            "The mail server offers no encryption, or no way to sign in.",
        ),
        (ssl.SSLError, "The mail server speaks no TLS there: is the port right?"),
        (socket.gaierror, "The mail server's name is not known."),
        (TimeoutError, "The mail server does not answer in time."),
        (ConnectionRefusedError, "Nobody takes mail at that host and port."),
        (smtplib.SMTPServerDisconnected, "The mail server hangs up at once."),
        (smtplib.SMTPResponseException, "The mail server does not want to be spoken to now."),
    ):
        if isinstance(error, kind):
            return sentence
    return "The mail server cannot be reached."


def _own_name() -> str:
    """How this machine greets: its own name, without asking a name server for more."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "[127.0.0.1]"
