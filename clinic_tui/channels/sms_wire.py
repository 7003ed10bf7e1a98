"""The way to the SMS provider: its own client over one pool of connections, with time-outs.

Imported when the first SMS is about to leave: the library costs a tenth of a second. Whatever
goes wrong is told apart by one question only: can the message have been taken?
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from ..sms_settings import SmsSettings
from .sms_answers import Refused, Text, Unreachable, Unsure

POOL = 32
"""So many connections are kept; as many threads may send at once."""
_LONGEST_REST = timedelta(hours=1)


class Wire:
    """The clinic's account at the provider. May be used by several threads at once."""

    def __init__(self, settings: SmsSettings, token: str, *, connect: float, read: float) -> None:
        """``connect`` and ``read`` are time-outs in seconds."""
        self._settings = settings
        self._http = _Http(settings.base_url, (connect, read))
        account = Client(settings.account_sid, token, http_client=self._http)
        self._messages: Any = account.api.v2010.account.messages

    def create(self, recipient: str, body: str) -> str:
        """Hand a text over; returns the provider's number for it."""
        sender = (
            {"messaging_service_sid": self._settings.messaging_service}
            if self._settings.messaging_service
            else {"from_": self._settings.number}
        )
        made = _reading(lambda: self._messages.create(to=recipient, body=body, **sender).sid)
        if not isinstance(made, str) or not made:
            raise Unsure
        return made

    def texts_to(self, recipient: str, since: datetime, limit: int) -> Iterator[Text]:
        """What was sent to a number since then, newest first, at most ``limit``.

        Not asked for by the day it was sent: what still waits at the provider has none yet.
        """
        found = _reading(lambda: self._messages.stream(to=recipient, limit=limit, page_size=50))
        for text in _texts(found):
            if text.at < since:
                return
            if not text.is_inbound:
                yield text

    def received(self, recipient: str | None, since: datetime, limit: int) -> Iterator[Text]:
        """What came in since then, newest first, at most ``limit``."""
        sought = {"date_sent_after": since, "limit": limit, "page_size": 100}
        if recipient:
            sought["to"] = recipient
        found = _reading(lambda: self._messages.stream(**sought))
        return (text for text in _texts(found) if text.is_inbound)

    def fetch(self, sid: str) -> Text:
        """One text, as it stands now."""
        return _text(_reading(lambda: self._messages(sid).fetch()))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()


class _Http(HttpClient):  # type: ignore[misc]
    """The client's way to HTTP. Its own one keeps the last answer in an attribute, so that of two
    threads one reads the other's; it also drops Retry-After and logs what is sent.
    """

    def __init__(self, base_url: str, timeout: tuple[float, float]) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)
        self._base = urlsplit(base_url) if base_url else None
        self._timeout = timeout
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            # No retries: a second try of what may have been taken is a second text.
            adapter = HTTPAdapter(pool_connections=1, pool_maxsize=POOL, max_retries=0)
            self._session.mount(scheme, adapter)

    def close(self) -> None:
        """Let go of the pool."""
        self._session.close()

    def request(
        self,
        method: str,
        uri: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,
        **_redirects: Any,
    ) -> Response:
        """One exchange; a redirect is never followed, because the token would go with it."""
        if self._base is not None:
            to = urlsplit(uri)
            uri = urlunsplit((self._base.scheme, self._base.netloc, to.path, to.query, ""))
        try:
            answer = self._session.request(
                method.upper(),
                uri,
                params=params,
                data=data,
                headers=headers,
                auth=auth,
                timeout=timeout or self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise (Unreachable if _never_left(error) else Unsure) from error
        if answer.status_code >= 500:
            raise Unsure
        if not 200 <= answer.status_code < 300:
            raise _refused(answer)
        return Response(answer.status_code, answer.text, answer.headers)


def _never_left(error: requests.RequestException) -> bool:
    """Whether it failed before the request was written."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(reason, SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(reason) or "doesn't match" in str(reason)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)


def _refused(answer: requests.Response) -> Refused:
    try:
        code = int(answer.json()["code"])
    except (ValueError, TypeError, KeyError):
        code = 0
    after = answer.headers.get("Retry-After", "")
    # A date is allowed there too; the rest without one is long enough.
    rest = min(timedelta(seconds=int(after[:6])), _LONGEST_REST) if after.isdecimal() else None
    return Refused(answer.status_code, code, rest)


def _reading(call: Any) -> Any:
    """What the client makes of an answer; one that it cannot read says nothing."""
    try:
        return call()
    except (TwilioException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unsure from error


def _texts(found: Iterator[Any]) -> Iterator[Text]:
    while True:
        record = _reading(lambda: next(found, None))
        if record is None:
            return
        yield _text(record)


def _text(record: Any) -> Text:
    at = record.date_created or record.date_sent
    if not isinstance(at, datetime) or not isinstance(record.sid, str):
        raise Unsure
    return Text(
        sid=record.sid,
        sender=record.from_ or "",
        recipient=record.to or "",
        body=record.body or "",
        status=str(record.status or ""),
        is_inbound=str(record.direction) == "inbound",
        error_code=int(record.error_code) if record.error_code else None,
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
    )
