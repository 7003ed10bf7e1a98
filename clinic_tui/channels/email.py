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
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ..domain.codes import Channel
from ..domain.errors import BadInput, Refusal
from ..domain.messages.delivery import Claimed, Outcome
from ..mail_settings import MailSettings, Security
from .base import NextOne, nobody
from .letters import compose, recipient
from .mail_talk import OthersWaitError, Talk, Written

if TYPE_CHECKING:
    from yagmail import SMTP

TIMEOUT = 10.0
"""Seconds that the server may take for one answer."""
_LAST_WORD = 1.0
_MOST_DROPS = 2
"""Connections lost in one batch, one after another, after which the server is at fault."""


class MailUnavailable(Refusal):
    """The mail server cannot be used now; the sentence says why."""


class _Writing:
    """The messages of one connection as bytes, the next one written before it is taken."""

    def __init__(self, settings: MailSettings, next_one: NextOne) -> None:
        self._settings, self._next_one = settings, next_one
        self._ready: tuple[int, Written] | None = None

    def written(self, one: Claimed) -> Written:
        """Its content and its one recipient; ``BadInput`` where it cannot be written."""
        ready, self._ready = self._ready, None
        if ready is not None and ready[0] == one.notice_id:
            return ready[1]
        return Written(compose(one, self._settings), recipient(one.address))

    def write_next(self) -> Written | None:
        """Write the next one, if there is any.

        Whatever is wrong with it is found out when it is taken: another one is in doubt now.
        """
        with suppress(Exception):
            one = self._next_one()
            if one is not None:
                found = self.written(one)
                self._ready = one.notice_id, found
                return found
        return None


class Email:
    """The mail server of the settings. ``timeout`` is in seconds, for each answer."""

    code = Channel.EMAIL
    one_in_doubt = True

    def __init__(self, settings: MailSettings, *, timeout: float = TIMEOUT) -> None:
        self._settings = settings
        self._timeout = timeout
        self._last_lines = threading.Lock()
        """Held from when a message may be taken until its outcome was told."""

    def send(
        self, claimed: Iterable[Claimed], next_one: NextOne = nobody
    ) -> Iterator[tuple[int, Outcome]]:
        """Send them over one connection; a lost one is made again once.

        Of all connections one at a time sends a message to its end, and the next one when that
        outcome has been told: nobody can be asked what became of it, so a kill leaves one in doubt
        at most.
        """
        client: SMTP | None = None
        drops = 0
        writing = _Writing(self._settings, next_one)
        try:
            for one in claimed:
                try:
                    message = writing.written(one)
                except BadInput:
                    yield one.notice_id, Outcome.refused("It cannot be written as an e-mail.")
                    continue
                if client is None:
                    try:
                        client = self.connect()
                    except Refusal as refusal:
                        yield one.notice_id, Outcome.passing(str(refusal), is_fault=True)
                        return
                    talk = Talk(client.smtp, self._settings.sender)
                with ExitStack() as held:
                    outcome, stands = talk.hand_over(
                        message, self._turn(), held, writing.write_next
                    )
                    drops = 0 if stands else drops + 1
                    if not stands:
                        _hang_up(client)
                        client = None
                    yield one.notice_id, outcome
                if drops >= _MOST_DROPS:
                    return
        finally:
            if client is not None:
                _hang_up(client)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Of all connections only this one says what a server takes a message by."""
        if not self._last_lines.acquire(timeout=self._timeout * 2):
            raise OthersWaitError
        try:
            yield
        finally:
            self._last_lines.release()

    def look_up(self, claimed: Claimed) -> Outcome | None:  # noqa: ARG002 - mail has no answer
        """Nobody can be asked: it may be sent again, with the Message-ID it had."""
        return None

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
