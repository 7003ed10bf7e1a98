"""SMS through Twilio: how a text leaves, and what became of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ..domain.codes import Channel as ChannelCode
from ..domain.codes import NoticeStatus
from ..domain.errors import Refusal
from ..domain.messages.delivery import Claimed, Outcome
from ..domain.messages.receipts import Receipt
from ..domain.messages.replies import Received
from ..domain.messages.sms_numbers import why_not_texted
from ..domain.messages.sms_text import sms_text
from ..sms_settings import SmsSettings
from . import sms_codes
from .base import NextOne, nobody
from .sms_answers import Refused, Text, Unreachable, Unsure

if TYPE_CHECKING:
    from .sms_wire import Wire

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
_MOST_PARTS = 10
_CLOCKS_DIFFER = timedelta(minutes=10)
_MOST_TO_ONE_NUMBER = 200
"""So many texts to one number are looked through for one whose outcome is unknown."""

_MOST_REPLIES = 5000
_UNREACHABLE = "The SMS provider cannot be reached."
_UNSURE = "The SMS provider did not say whether it took the text."
_ARRIVED = ("delivered", "read", "partially_delivered")
_LOST = ("undelivered", "failed", "canceled")


class Sms:
    """Texts by the clinic's account. Several threads may send through one of these at once.

    ``countries`` tells, before every batch, the ISO 3166 codes to which texts may go.
    """

    code = ChannelCode.SMS
    one_in_doubt = False

    def __init__(
        self,
        settings: SmsSettings,
        countries: Callable[[], Collection[str]],
        environ: Mapping[str, str] = os.environ,
        *,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """Refused with ``BadInput`` where there is no token; nothing is connected yet."""
        self._settings = settings
        self._countries = countries
        self._token = settings.token(environ)
        self._read_seconds = read_seconds
        self._made: Wire | None = None
        self._making = threading.Lock()
        self._recognised: dict[str, int] = {}

    def send(
        self,
        claimed: Iterable[Claimed],
        next_one: NextOne = nobody,  # noqa: ARG002 - a text is ready at once
    ) -> Iterator[tuple[int, Outcome]]:
        """Send them one after another, each taken when the one before has been told."""
        countries = self._countries()
        for message in claimed:
            yield message.notice_id, self._send(message, countries)

    def look_up(self, claimed: Claimed) -> Outcome | None:
        """Ask the provider for a text to that number, with that body, since it was queued.

        Found: sent. None: the provider has no such text. Where it cannot be asked: passing.
        """
        since = claimed.created_at - _CLOCKS_DIFFER
        body = sms_text(claimed.letter.body).body
        try:
            for text in self._wire().texts_to(claimed.address, since, _MOST_TO_ONE_NUMBER):
                if self._is_it(text, body, claimed):
                    return Outcome.sent(text.sid)
        except (Unreachable, Unsure):
            return Outcome.passing(_UNREACHABLE, is_fault=True)
        except Refused as refused:
            if refused.status == 400:
                return None  # To what is no number nothing was ever sent.
            reason = sms_codes.sentence(refused.status, refused.code)
            return Outcome.passing(reason, retry_after=refused.retry_after, is_fault=True)
        return None

    def receipts(self, provider_ids: Iterable[str]) -> Iterator[Receipt]:
        """How texts that were sent stand; ends early where the provider cannot be asked."""
        for provider_id in provider_ids:
            try:
                yield _receipt(self._wire().fetch(provider_id))
            except Refused as refused:
                if refused.status != 404:
                    return
            except (Unreachable, Unsure):
                return

    def replies(self, since: datetime) -> tuple[Received, ...] | None:
        """What came in since then, newest first; None where the provider cannot be asked.

        With a messaging service, which answers for several numbers, to any of the account's.
        """
        recipient = self._settings.number or None
        try:
            texts = tuple(self._wire().received(recipient, since, _MOST_REPLIES))
        except (Refused, Unreachable, Unsure):
            return None
        return tuple(Received(one.sid, one.sender, one.body, one.at) for one in texts)

    def _send(self, message: Claimed, countries: Collection[str]) -> Outcome:
        if reason := why_not_texted(message.address, countries):
            return Outcome.refused(reason)
        text = sms_text(message.letter.body)
        if not text.body:
            return Outcome.refused("The text is empty.")
        if text.parts > _MOST_PARTS:
            return Outcome.refused(
                f"The text would be {text.parts} messages long; {_MOST_PARTS} are allowed."
            )
        try:
            return Outcome.sent(self._wire().create(message.address, text.body))
        except (Unreachable, Unsure, Refused) as failure:
            return _outcome(failure, in_doubt=message.look_up)

    def _is_it(self, text: Text, body: str, message: Claimed) -> bool:
        """Whether this text is the message; where the account keeps no bodies, it may be.

        A trial account puts a sentence before the body. A text stands for one message only: a
        family may get the same words twice by one number.
        """
        if text.sid in message.known_ids or text.status in _LOST:
            return False
        if text.body and not text.body.endswith(body):
            return False
        return self._recognised.setdefault(text.sid, message.notice_id) == message.notice_id

    def check(self) -> None:
        """Ask for the newest text; ``Refusal`` with the reason where the provider says no."""
        try:
            list(self._wire().received(None, datetime.now(UTC), 1))
        except Refused as refused:
            raise Refusal(sms_codes.sentence(refused.status, refused.code)) from refused
        except (Unreachable, Unsure) as failure:
            raise Refusal(_UNREACHABLE) from failure

    def close(self) -> None:
        """Let go of the connections; the next message makes new ones."""
        with self._making:
            if self._made is not None:
                self._made.close()
                self._made = None

    def _wire(self) -> Wire:
        from .sms_wire import Wire  # noqa: PLC0415 - the library is heavy

        with self._making:
            if self._made is None:
                self._made = Wire(
                    self._settings, self._token, connect=CONNECT_SECONDS, read=self._read_seconds
                )
            return self._made


def _outcome(failure: Unreachable | Unsure | Refused, *, in_doubt: bool) -> Outcome:
    """What a failure means for the message; one ``in_doubt`` is looked up at every try anyway."""
    if isinstance(failure, Unreachable):
        return Outcome.passing(_UNREACHABLE, is_fault=True)
    if isinstance(failure, Unsure):
        told = Outcome.passing if in_doubt else Outcome.unknown
        return told(_UNSURE, is_fault=True)
    status, code = failure.status, failure.code
    reason = sms_codes.sentence(status, code)
    if sms_codes.is_passing(status, code) or sms_codes.is_of_the_account(status, code):
        return Outcome.passing(reason, retry_after=failure.retry_after, is_fault=True)
    return Outcome.refused(reason, opted_out=code == sms_codes.OPTED_OUT)


def _receipt(text: Text) -> Receipt:
    if text.status in _ARRIVED:
        return Receipt(text.sid, NoticeStatus.DELIVERED)
    if text.status in _LOST:
        opted_out = text.error_code == sms_codes.OPTED_OUT
        reason = sms_codes.undelivered(text.error_code)
        return Receipt(text.sid, NoticeStatus.FAILED, reason, opted_out)
    return Receipt(text.sid, NoticeStatus.SENT)
