"""E-mail to real servers on loopback: what leaves, and what every failure means."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar

from clinic_tui.channels.email import Email
from clinic_tui.channels.trial import trial_message
from clinic_tui.config import load_config
from clinic_tui.domain.codes import NoticeKind
from clinic_tui.domain.errors import BadInput, Refusal
from clinic_tui.domain.messages.delivery import (
    CalendarEvent,
    Claimed,
    Letter,
    Method,
    Outcome,
    Result,
)
from clinic_tui.mail_settings import MailSettings, Security
from tests.domain.given import at
from tests.small_clinic import NOW

from .mail_server import SENDER, Fails, Handler, mail_server


def claimed(number: int = 0, **given: object) -> Claimed:
    """One message to person ``number``."""
    event = CalendarEvent("v1@clinic", 2, Method.REQUEST, at("10:00"), at("10:20"), "Clinic", "Hof")
    plain = replace(
        trial_message(f"p{number}@example.org", NOW),
        notice_id=number,
        kind=NoticeKind.CHANGED,
        message_id=f"m{number}@clinic",
        letter=Letter("Señal: 10:00", ".dot\nGrüße\n", (event,)),
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def sent(settings: MailSettings, *messages: Claimed, timeout: float = 5) -> list[Outcome]:
    """What became of each."""
    return [outcome for _, outcome in Email(settings, timeout=timeout).send(messages)]


def body_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text


@pytest.mark.parametrize("security", Security)
def test_a_message_as_it_arrives(security: Security) -> None:
    handler = Handler()
    with mail_server(handler, security) as settings:
        assert sent(settings, claimed(0), claimed(1)) == [Outcome.sent(), Outcome.sent()]
    greetings = 2 if security is Security.STARTTLS else 1
    assert handler.connections == greetings, "one connection a batch"
    (to, message), _ = handler.taken
    assert to == ["p0@example.org"]
    assert message["To"] == "p0@example.org"
    assert message["From"] == SENDER
    assert message["Message-ID"] == "<m0@clinic>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == f"<mailto:{SENDER}?subject=unsubscribe>"
    assert message["Subject"] == "Señal: 10:00"
    assert message["Content-Language"] == "en"
    assert body_of(message).splitlines() == [".dot", "Grüße"]
    (part,) = message.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part["Content-Type"].params["method"] == "REQUEST"
    (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert (event["UID"], event["SEQUENCE"]) == ("v1@clinic", 2)
    assert event.decoded("DTSTART") == at("10:00")


@pytest.mark.parametrize("security", Security)
def test_a_last_line_waits_for_no_acknowledgement(security: Security) -> None:
    """Of the lines before it, which a server gives 40 ms later where it has nothing to answer."""
    with mail_server(Handler(), security) as settings:
        client = Email(settings).connect()
        assert client.smtp.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        client.close()


@pytest.mark.parametrize("utf8", [True, False])
def test_what_comes_next_is_got_ready_and_is_not_bound_to_come(utf8: bool) -> None:
    """Another one may come, or one that the server is told of in another way, or none."""
    handler = Handler()
    far = {"address": "jürgen@example.org"}
    said = [
        claimed(9, letter=Letter("=?utf-8?q?Hi=0D=0ABcc:_b@example.org?=", "x")),
        claimed(1),
        claimed(2),
        claimed(3, **far),
        claimed(8),
    ]
    with mail_server(handler, utf8=utf8) as settings:
        messages = [claimed(0), claimed(1), claimed(4, **far), claimed(3, **far), claimed(5)]
        outcomes = list(Email(settings).send(messages, lambda: said.pop(0) if said else None))
    assert [number for number, _ in outcomes] == [0, 1, 4, 3, 5]
    assert [one.result is Result.SENT for _, one in outcomes] == [True, True, utf8, utf8, True]
    ids = [message["Message-ID"] for _, message in handler.taken]
    assert ids == [f"<m{one}@clinic>" for one in ((0, 1, 4, 3, 5) if utf8 else (0, 1, 5))]
    assert handler.connections == 1


@pytest.mark.parametrize("utf8", [True, False])
def test_addresses_beyond_ascii(utf8: bool) -> None:
    """A domain is said as DNS knows it; a name goes where the server takes such names."""
    handler = Handler()
    with mail_server(handler, utf8=utf8) as settings:
        outcomes = sent(
            settings,
            claimed(0, address="jürgen@example.org"),
            claimed(1, address="jo@bücher.example"),
        )
    assert [outcome.result for outcome in outcomes[-1:]] == [Result.SENT]
    assert handler.taken[-1][0] == ["jo@xn--bcher-kva.example"]
    if utf8:
        (to, message), _ = handler.taken
        assert (to, message["To"]) == (["jürgen@example.org"], "jürgen@example.org")
        assert body_of(message).splitlines() == [".dot", "Grüße"]
    else:
        assert outcomes[0] == Outcome.refused("The mail server takes no address beyond ASCII.")


def test_one_refused_recipient_stops_nobody() -> None:
    handler = Handler(Fails.NO_SUCH_USER)
    with mail_server(handler) as settings:
        refused, accepted = sent(settings, claimed(0), claimed(1))
    assert refused.result is Result.REFUSED
    assert "550 5.1.1" in refused.reason
    assert "example.org" not in refused.reason
    assert accepted == Outcome.sent()


@pytest.mark.parametrize(
    ("fails", "result", "is_fault", "number"),
    [
        (Fails.FULL, Result.PASSING, False, "452 4.2.2"),
        (Fails.POLICY, Result.PASSING, False, "550 5.7.1"),
        (Fails.CLOSES, Result.PASSING, True, "421 4.3.2"),
        (Fails.NO_SUCH_SENDER, Result.PASSING, True, "550 5.1.8"),
        (Fails.BAD_CONTENT, Result.REFUSED, False, "554 5.6.0"),
        (Fails.BUSY, Result.PASSING, False, "451 4.3.0"),
    ],
)
def test_what_a_server_refuses_is_the_messages_the_servers_or_the_moments(
    fails: Fails, result: Result, is_fault: bool, number: str
) -> None:
    """Whatever it is, the next one is tried; its words, which may quote anybody, are not kept."""
    handler = Handler(fails)
    with mail_server(handler) as settings:
        outcomes = sent(settings, claimed(1), claimed(2))
    assert [(one.result, one.is_fault) for one in outcomes] == [(result, is_fault)] * 2
    assert all(one.reason.endswith(f"({number}).") for one in outcomes)
    assert (handler.senders, handler.taken) == (2, [])


def test_a_server_that_hangs_is_at_fault_in_time() -> None:
    handler = Handler(Fails.HANGS)
    with mail_server(handler) as settings:
        outcomes = sent(settings, claimed(0), claimed(1), claimed(2), timeout=0.3)
    assert [outcome.result for outcome in outcomes] == [Result.PASSING] * 2
    assert all(outcome.is_fault for outcome in outcomes)
    assert handler.senders == 2, "after two lost connections no more is tried"


def test_dropped_after_the_content_it_is_unknown() -> None:
    handler = Handler(Fails.DROPS_AFTER_DATA)
    with mail_server(handler) as settings:
        (outcome,) = sent(settings, claimed())
        assert (outcome.result, outcome.is_fault) == (Result.UNKNOWN, True)
        handler.fails = Fails.NEVER
        again = claimed(look_up=True)
        assert Email(settings).look_up(again) is None
        assert sent(settings, again) == [Outcome.sent()]
    assert [message["Message-ID"] for _, message in handler.taken] == ["<m0@clinic>"]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_to_a_server_with_a_wrong_certificate_nothing_is_said(security: Security) -> None:
    handler = Handler()
    with mail_server(handler, security, trusted=False) as settings:
        (outcome,) = sent(settings, claimed())
        with pytest.raises(Refusal, match="certificate"):
            Email(settings).check()
    assert (outcome.result, outcome.is_fault) == (Result.PASSING, True)
    assert "certificate" in outcome.reason
    assert (handler.senders, handler.taken) == (0, [])


def test_a_wrong_password_and_no_server_are_told_apart(tmp_path: Path) -> None:
    with mail_server(Handler(), Security.STARTTLS) as settings:
        Email(settings).check()
        file = tmp_path / "password"
        file.write_text("wrong")
        file.chmod(0o600)
        with pytest.raises(Refusal, match="user and password"):
            Email(replace(settings, password_file=str(file))).check()
        file.chmod(0o644)
        with pytest.raises(BadInput, match="0600"):
            Email(replace(settings, password_file=str(file))).check()
    with pytest.raises(Refusal, match="Nobody takes mail"):
        Email(settings).check()


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("a@example.org\nBcc: b@example.org", "Hi"),
        ("a@example.org, b@example.org", "Hi"),
        ("a@example.org>\r\nRCPT TO:<b@example.org", "Hi"),
        ("", "Hi"),
        ("a@example.org，b＠example.org", "Hi"),
        ("p0@example.org", "Hi\nBcc: b@example.org"),
        ("p0@example.org", "=?utf-8?q?Hi=0D=0ABcc:_b@example.org?="),
    ],
)
def test_no_address_or_subject_adds_a_header_or_a_recipient(address: str, subject: str) -> None:
    handler = Handler()
    with mail_server(handler) as settings:
        outcomes = sent(settings, claimed(address=address, letter=Letter(subject, "x")), claimed(1))
    assert [outcome.result for outcome in outcomes] == [Result.REFUSED, Result.SENT]
    assert [to for to, _ in handler.taken] == [["p1@example.org"]]


def test_the_settings_of_mail(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"

    def read(**table: object) -> MailSettings | None:
        lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        file.write_text("\n".join(["[mail]", *lines]), encoding="utf-8")
        return load_config(file, environ={}).mail

    found = read(host="mail.example.org", **{"from": SENDER})
    assert found == MailSettings("mail.example.org", SENDER, 587)
    for wrong, named in (
        ({"security": "none"}, "mail.security"),
        ({"security": "local"}, "mail.security"),
        ({"password": "x"}, "mail.password"),
        ({"port": 0}, "mail.port"),
        ({"hots": "x"}, "mail.hots"),
        ({"from": "nobody"}, "mail.from"),
        ({"from": "jürgen@example.org"}, "mail.from"),
    ):
        with pytest.raises(BadInput) as refused:
            read(**({"host": "mail.example.org", "from": SENDER} | wrong))
        assert refused.value.field == named
