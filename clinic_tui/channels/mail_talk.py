"""One connection to a mail server: messages handed over, each answer read for what it means."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from enum import Enum

from ..domain.messages.delivery import Outcome

Talked = tuple[Outcome, bool]
"""What became of a message, and whether the connection still stands."""
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
    """What the server takes it by: what was said before that it throws away."""


class OthersWaitError(Exception):
    """Another connection has its turn for too long."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message as bytes, and its one recipient."""

    content: bytes
    to: str

    @property
    def options(self) -> list[str]:
        """What the server must be told to take the recipient (RFC 6531)."""
        return [] if self.to.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]


class Talk:
    """What is said on one connection, by ``sender``."""

    def __init__(self, smtp: smtplib.SMTP, sender: str) -> None:
        self._smtp, self._sender = smtp, sender
        self._begun = False

    def hand_over(
        self,
        message: Written,
        turn: AbstractContextManager[object],
        held: ExitStack,
        write_next: Callable[[], Written | None],
    ) -> Talked:
        """Hand one message over.

        It is all there is to send when ``turn`` is taken, and ``held`` holds it from then on.
        While the server takes it the next one is written; when it has, that one is begun: its
        answer comes while the outcome of this one is written down.
        """
        if message.options and not self._smtp.has_extn("smtputf8"):
            return Outcome.refused("The mail server takes no address beyond ASCII."), True
        after: list[Written | None] = []

        def end() -> tuple[int, bytes]:
            held.enter_context(turn)
            self._smtp.send(_LEADING_DOT.sub(b"..", message.content) + b".\r\n")
            after.append(write_next())
            return self._smtp.getreply()

        stage = _Stage.SENDER
        steps: dict[_Stage, Callable[[], tuple[int, bytes]]] = {
            _Stage.SENDER: lambda: self._say_sender(message.options),
            _Stage.ADDRESS: lambda: self._smtp.rcpt(message.to),
            _Stage.CONTENT: lambda: self._smtp.docmd("DATA"),
            _Stage.END: end,
        }
        try:
            for stage, say in steps.items():
                code, answer = say()
                if code // 100 != (3 if stage is _Stage.CONTENT else 2):
                    return _refused(self._smtp, stage, code, answer)
        except OthersWaitError:
            return Outcome.passing(_OTHERS_WAIT, is_fault=True), False
        except (OSError, smtplib.SMTPException):
            return _lost(stage), False
        if (following := after[0]) is not None:
            self._begin(following)
        return Outcome.sent(), True

    def _begin(self, message: Written) -> None:
        """Say who sends the next message; what the server says to that is read with the next."""
        if not message.options:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.putcmd("MAIL", f"FROM:{smtplib.quoteaddr(self._sender)}")
                self._begun = True

    def _say_sender(self, options: list[str]) -> tuple[int, bytes]:
        if self._begun:
            self._begun = False
            answered = self._smtp.getreply()
            if not options:
                return answered
            self._smtp.rset()
        return self._smtp.mail(self._sender, options)


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
