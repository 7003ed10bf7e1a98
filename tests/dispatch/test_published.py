"""The server of these tests and the client that talks to it, held against Twilio's own OpenAPI."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from clinic_tui.channels.sms_answers import Refused
from clinic_tui.channels.sms_wire import Wire
from clinic_tui.sms_settings import SmsSettings

from .sms_server import ACCOUNT, NUMBER, SERVICE, TOKEN, SmsServer, sms_server

_FOLDER = os.environ.get("CLINIC_FIELD_DATA")
pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(
        not _FOLDER, reason="CLINIC_FIELD_DATA names no folder with facts from the field"
    ),
]
_PUBLISHED = "urn:published"
_RECIPIENT, _GONE = "+4915123456789", "+4915123456780"


class Published:
    """What the specification says of an exchange."""

    def __init__(self, specification: dict[str, Any]) -> None:
        self._paths: dict[str, Any] = specification["paths"]
        resource = DRAFT4.create_resource(specification)
        self._registry: Registry[Any] = Registry().with_resource(_PUBLISHED, resource)

    def objections(self, answer: requests.Response) -> list[str]:
        """What in a request and its answer is not as it is published."""
        request = answer.request
        parts = urlsplit(request.url or "")
        names, operation = self._operation(request.method or "", parts.path)
        found = self._of_query(operation, names, parse_qsl(parts.query, keep_blank_values=True))
        if isinstance(request.body, str):
            form = dict(parse_qsl(request.body, keep_blank_values=True))
            found += self._of_form(operation, form)
        if answer.status_code < 400:  # What is refused has no shape in the specification.
            found += self._of_answer(operation, answer)
        return found

    def _operation(self, method: str, path: str) -> tuple[list[Any], dict[str, Any]]:
        for template, item in self._paths.items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+?", template), path):
                return item.get("parameters", []), item[method.lower()]
        raise AssertionError(f"{path} is not published")

    def _of_query(
        self, operation: dict[str, Any], shared: list[Any], given: list[tuple[str, str]]
    ) -> list[str]:
        known = {one["name"]: one["schema"] for one in (*shared, *operation.get("parameters", []))}
        found = [f"query: {name} is unknown" for name, _ in given if name not in known]
        numbers = {name for name, schema in known.items() if schema.get("type") == "integer"}
        for name, value in given:
            if name in known:
                typed = int(value) if name in numbers else value
                found += self._of(known[name], typed, f"query {name}")
        return found

    def _of_form(self, operation: dict[str, Any], given: dict[str, str]) -> list[str]:
        schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        unknown = given.keys() - schema["properties"].keys()
        return [f"form: {name} is unknown" for name in sorted(unknown)] + self._of(
            schema, given, "form"
        )

    def _of_answer(self, operation: dict[str, Any], answer: requests.Response) -> list[str]:
        schema = operation["responses"][str(answer.status_code)]["content"]["application/json"]
        return self._of(schema["schema"], answer.json(), "answer")

    def _of(self, schema: dict[str, Any], given: Any, where: str) -> list[str]:
        # A reference within the specification is one to the resource that holds it.
        text = json.dumps(schema).replace('"#/', f'"{_PUBLISHED}#/')
        validator = OAS30Validator(json.loads(text), registry=self._registry)
        return [f"{where}: {error.message}" for error in validator.iter_errors(given)]


@pytest.fixture(scope="module")
def published() -> Published:
    """The specification, of which only the messages are kept."""
    file = Path(_FOLDER or "") / "twilio" / "messages_only.json"
    return Published(json.loads(file.read_text(encoding="utf-8")))


@pytest.fixture
def server() -> Iterator[SmsServer]:
    """The server of all tests of texts."""
    with sms_server() as opened:
        yield opened


def _heard(wire: Wire) -> list[requests.Response]:
    """What goes over that wire from now on."""
    heard: list[requests.Response] = []
    wire._http._session.hooks["response"].append(lambda answer, **_: heard.append(answer))
    return heard


@pytest.mark.parametrize("by", ["number", "service"])
def test_every_exchange_is_as_published(server: SmsServer, published: Published, by: str) -> None:
    """Taken, listed over several pages, looked at until it arrived, received, refused."""
    number, service = (NUMBER, "") if by == "number" else ("", SERVICE)
    settings = SmsSettings(ACCOUNT, number, service, base_url=server.url)
    since = datetime.now(UTC) - timedelta(hours=1)
    server.refuses[_GONE] = 21610
    with closing(Wire(settings, TOKEN, connect=5, read=5)) as wire:
        heard = _heard(wire)
        sid = wire.create(_RECIPIENT, "Your visit: Tue 24 Nov 09:20, Riverside Clinic")
        assert wire.fetch(sid).status == "sent"
        assert wire.fetch(sid).status == "delivered"
        for count in range(120):
            server.receive(_RECIPIENT, f"yes {count}")
        assert len(list(wire.received(NUMBER, since, 200))) == 120
        assert [text.sid for text in wire.texts_to(_RECIPIENT, since, 200)] == [sid]
        with pytest.raises(Refused):
            wire.create(_GONE, "never taken")
    assert [type(answer.request.body) for answer in heard].count(str) == 2
    assert [published.objections(answer) for answer in heard] == [[]] * len(heard)


def test_what_is_not_published_is_found(server: SmsServer, published: Published) -> None:
    """A field that is unknown, a number for a name and a state that there is not."""
    url = f"{server.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    server.receive(_RECIPIENT, "yes").status = "eaten"
    listed = requests.get(url, params={"Sender": NUMBER}, auth=(ACCOUNT, TOKEN), timeout=5)
    unknown, state = published.objections(listed)
    assert unknown == "query: Sender is unknown"
    assert "'eaten' is not one of" in state
