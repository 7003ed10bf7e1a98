"""Texts by the real client to a server that follows the provider's specification."""

from __future__ import annotations

import random
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import phonenumbers
import pytest
import trustme

from clinic_tui.domain.codes import NoticeStatus
from clinic_tui.domain.messages.delivery import Result
from clinic_tui.domain.messages.sms_numbers import why_not_texted
from tests.dispatch.sms_server import NUMBER, SERVICE, Fault, SmsServer, sms_server
from tests.dispatch.texting import BODY, message, send, texting

TYPES = phonenumbers.PhoneNumberType
HOSTILE = (
    "{}\r\nTo: +19005550123",
    "{}\nBcc: +19005550123",
    "{}&To=%2B19005550123&MediaUrl=http://127.0.0.1/x",
    "{}%0d%0aTo:+19005550123",
    "{}\x00\x1b[2J\x07",
    "{}\u202etxet\u202c",
    "{};+19005550123",
    "{},+19005550123",
    "{}?To=+19005550123#",
    "whatsapp:{}",
    "sip:{}@evil.example",
    "tel:{};ext=1",
    "<{}>",
    " {} ",
    "{}\u0660\u0661",
    "{}x22",
)


@pytest.fixture
def server() -> Iterator[SmsServer]:
    with sms_server() as serving:
        yield serving


def test_a_text_leaves_with_nothing_but_its_number_and_words(server: SmsServer) -> None:
    with texting(server.url) as sms:
        outcome = send(sms, message(body="Tomorrow – 09:20…"))
    (taken,) = server.taken()
    assert (outcome.result, outcome.provider_id) == (Result.SENT, taken.sid)
    assert server.forms == [
        {"To": ["+12025550123"], "From": [NUMBER], "Body": ["Tomorrow - 09:20..."]}
    ]


def test_a_messaging_service_chooses_the_number_itself(server: SmsServer) -> None:
    with texting(server.url, service=True) as sms:
        assert send(sms, message()).result is Result.SENT
    assert set(server.forms[0]) == {"To", "MessagingServiceSid", "Body"}
    assert server.forms[0]["MessagingServiceSid"] == [SERVICE]


def test_500_hostile_numbers_and_texts_reach_nobody_else(server: SmsServer) -> None:
    dice = random.Random(4)
    good = ["+12025550123", "+12125550188", "+13105550142"]
    numbers = [shape.format(dice.choice(good)) for shape in HOSTILE for _ in range(8)]
    kinds = (TYPES.PREMIUM_RATE, TYPES.SHARED_COST, TYPES.TOLL_FREE, TYPES.VOIP, TYPES.MOBILE)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)[::2]:
        found = phonenumbers.example_number_for_type(region, dice.choice(kinds))
        if found is not None and region != "US":
            numbers.append(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
    numbers += ["+19005550123", "+18005550123", "+88213300655", "+881631234567", "911", "", "+"]
    texts = [shape.format(BODY) for shape in HOSTILE]
    batch = [message(i, number) for i, number in enumerate(numbers)]
    batch += [message(i, dice.choice(good), dice.choice(texts)) for i in range(len(batch), 500)]
    with texting(server.url) as sms:
        told = dict(sms.send(batch))
    assert len(batch) == 500
    assert list(told) == [one.notice_id for one in batch]
    for one in batch[: len(numbers)]:
        assert told[one.notice_id].result is Result.REFUSED, one.address
        assert told[one.notice_id].reason.endswith(".")
        assert one.address == "" or one.address not in told[one.notice_id].reason.split()
    assert len(server.taken()) == 500 - len(numbers) > 100
    for form in server.forms:
        assert {name: len(values) for name, values in form.items()} == {
            "To": 1,
            "From": 1,
            "Body": 1,
        }
        assert form["To"][0] in good
        assert not any(char in form["Body"][0] for char in "\x00\x1b\r\u202e")


@pytest.mark.parametrize(
    ("number", "countries", "expected"),
    [
        ("+12025550123", ("US",), ""),
        ("+4915123456789", ("DE", "US"), ""),
        ("+12025550123", (), "nowhere"),
        ("+12042345678", ("US",), "in CA"),
        ("+19002345678", ("US",), "premium"),
        ("+449068123456", ("GB",), "premium"),
        ("+442079460958", ("GB",), "no mobile"),
        ("+18002345678", ("US",), "no mobile"),
        ("+881631234567", ("US",), "no country"),
        ("12025550123", ("US",), "country"),
        ("+1202555012３", ("US",), "country"),
    ],
)
def test_only_mobiles_of_the_allowed_countries_are_texted(
    number: str, countries: tuple[str, ...], expected: str
) -> None:
    reason = why_not_texted(number, countries)
    assert expected in reason
    assert bool(reason) == bool(expected)


@pytest.mark.parametrize(
    ("fault", "result", "taken"),
    [
        (Fault.TOO_MANY, Result.PASSING, 0),
        (Fault.REDIRECT, Result.PASSING, 0),
        (Fault.ERROR, Result.UNKNOWN, 0),
        (Fault.ERROR_AFTER, Result.UNKNOWN, 1),
        (Fault.HANG, Result.UNKNOWN, 0),
        (Fault.HANG_AFTER, Result.UNKNOWN, 1),
        (Fault.DROP, Result.UNKNOWN, 0),
        (Fault.DROP_AFTER, Result.UNKNOWN, 1),
        (Fault.GARBAGE, Result.UNKNOWN, 0),
        (Fault.GARBAGE_AFTER, Result.UNKNOWN, 1),
    ],
)
def test_what_goes_wrong_on_the_way_is_the_channels_fault_and_never_sends_twice(
    server: SmsServer, fault: Fault, result: Result, taken: int
) -> None:
    server.faults.append(fault)
    seconds = 0.2 if fault in (Fault.HANG, Fault.HANG_AFTER) else 5
    with texting(server.url, read_seconds=seconds) as first, texting(server.url) as sms:
        outcome = send(first, message())
        assert (outcome.result, outcome.is_fault) == (result, True)
        assert (len(server.taken()), server.requests) == (taken, 1)
        if result is Result.UNKNOWN:
            again = message(look_up=True, attempts=2)
            found = sms.look_up(again)
            assert (found is not None) == bool(taken)
            assert found is None or found.provider_id == server.taken()[0].sid
            if found is None:
                assert send(sms, again).result is Result.SENT
            assert len(server.taken()) == 1
            assert server.taken()[0].body == BODY
    if fault is Fault.TOO_MANY:
        assert outcome.retry_after == timedelta(seconds=server.retry_after)


def test_one_in_doubt_stays_in_doubt_while_the_provider_says_nothing(server: SmsServer) -> None:
    server.always = Fault.ERROR_AFTER
    with texting(server.url) as sms:
        assert send(sms, message(look_up=True)).result is Result.PASSING
        server.reading = Fault.ERROR
        found = sms.look_up(message(look_up=True))
        assert found is not None
        assert (found.result, found.is_fault) == (Result.PASSING, True)
        server.reading = Fault.TOO_MANY
        found = sms.look_up(message(look_up=True))
        assert found is not None
        assert (found.result, found.retry_after) == (Result.PASSING, timedelta(seconds=7))


def test_what_waits_at_the_provider_is_found_too(server: SmsServer) -> None:
    """A messaging service takes it first, and sends it when it has chosen a number."""
    server.faults.append(Fault.DROP_AFTER)
    with texting(server.url, service=True) as sms:
        send(sms, message())
        assert server.taken()[0].sent is None
        found = sms.look_up(message(look_up=True))
    assert found is not None
    assert found.provider_id == server.taken()[0].sid


def test_a_text_stands_for_one_message_of_a_family_only(server: SmsServer) -> None:
    with texting(server.url) as sms:
        first = send(sms, message(1))
        assert first.provider_id is not None
        server.faults.append(Fault.DROP)
        assert send(sms, message(2)).result is Result.UNKNOWN
        known = frozenset({first.provider_id})
        assert sms.look_up(message(2, look_up=True, known_ids=known)) is None
        server.faults.append(Fault.DROP_AFTER)
        send(sms, message(3))
        found = sms.look_up(message(3, look_up=True, known_ids=known))
        assert found is not None
        assert found.provider_id == server.taken()[1].sid
        assert sms.look_up(message(4, look_up=True, known_ids=known)) is None


def test_neither_an_older_text_nor_other_words_nor_a_reply_is_taken_for_it(
    server: SmsServer,
) -> None:
    with texting(server.url) as sms:
        send(sms, message(1))
        server.taken()[0].created -= timedelta(hours=1)
        send(sms, message(2, body="Something else"))
        send(sms, message(3, "+12025550199"))
        server.receive("+12025550123", BODY)
        assert sms.look_up(message(4, look_up=True)) is None


@pytest.mark.parametrize(
    ("code", "result", "is_fault", "words"),
    [
        (21211, Result.REFUSED, False, "does not exist"),
        (21614, Result.REFUSED, False, "no mobile"),
        (21408, Result.REFUSED, False, "country"),
        (21617, Result.REFUSED, False, "too long"),
        (29999, Result.REFUSED, False, "error 29999"),
        (21606, Result.PASSING, True, "cannot send"),
        (21703, Result.PASSING, True, "messaging service"),
        (14107, Result.PASSING, True, "for the moment"),
        (21611, Result.PASSING, True, "wait"),
    ],
)
def test_the_providers_numbers_become_sentences(
    server: SmsServer, code: int, result: Result, is_fault: bool, words: str
) -> None:
    server.refuses["+12025550123"] = code
    with texting(server.url) as sms:
        outcome = send(sms, message())
    assert (outcome.result, outcome.is_fault, outcome.opted_out) == (result, is_fault, False)
    assert words in outcome.reason
    assert outcome.reason.endswith(".")


def test_who_texted_stop_has_opted_out(server: SmsServer) -> None:
    server.receive("+12025550123", "Stop")
    with texting(server.url) as sms:
        outcome = send(sms, message())
        assert (outcome.result, outcome.opted_out) == (Result.REFUSED, True)
        server.receive("+12025550123", "START")
        assert send(sms, message()).result is Result.SENT


def test_a_wrong_token_is_nobodys_failure_but_the_accounts(server: SmsServer) -> None:
    with texting(server.url, token="wrong") as sms:
        outcome = send(sms, message())
    assert (outcome.result, outcome.is_fault) == (Result.PASSING, True)
    assert "token" in outcome.reason
    assert "wrong" not in repr(outcome)


def test_a_server_that_is_not_there_took_nothing() -> None:
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        with texting(f"http://127.0.0.1:{kept.getsockname()[1]}") as sms:
            outcome = send(sms, message())
    assert (outcome.result, outcome.is_fault) == (Result.PASSING, True)


def test_nothing_leaves_towards_a_certificate_that_nobody_vouches_for() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    heard: list[bytes] = []

    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    heard.append(secured.recv(1024))
            except (ssl.SSLError, OSError):
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        with texting(f"https://localhost:{listening.getsockname()[1]}") as sms:
            outcome = send(sms, message())
        thread.join()
    assert (outcome.result, outcome.is_fault) == (Result.PASSING, True)
    assert heard in ([], [b""])


def test_what_became_of_texts_is_asked_for(server: SmsServer) -> None:
    server.undelivered = {"+12025550188": 30003, "+12025550199": 21610, "+12025550177": 1}
    numbers = ["+12025550123", *server.undelivered]
    with texting(server.url) as sms:
        ids = [send(sms, message(i, number)).provider_id or "" for i, number in enumerate(numbers)]
        first = list(sms.receipts(["SM" + "f" * 32, *ids]))
        assert [(one.provider_id, one.status) for one in first] == [
            (sid, NoticeStatus.SENT) for sid in ids
        ]
        arrived, off, stopped, odd = sms.receipts(ids)
        server.reading = Fault.DROP
        assert list(sms.receipts(ids)) == []
    assert arrived.status is NoticeStatus.DELIVERED
    assert (off.status, off.reason) == (
        NoticeStatus.FAILED,
        "The phone cannot be reached: it is off, or out of range.",
    )
    assert stopped.opted_out
    assert (odd.status, odd.opted_out) == (NoticeStatus.FAILED, False)
    assert "error 1" in odd.reason


def test_several_threads_never_read_each_others_answers(server: SmsServer) -> None:
    numbers = [f"+1202555{n:04}" for n in range(100, 200)]
    server.delay = 0.002
    with texting(server.url) as sms, ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda number: send(sms, message(address=number)), numbers))
    by_id = {text.sid: text.to for text in server.taken()}
    assert [by_id[outcome.provider_id or ""] for outcome in told] == numbers
    assert server.most_at_once > 4


def test_a_text_too_long_is_refused_before_it_costs_anything(server: SmsServer) -> None:
    with texting(server.url) as sms:
        outcome = send(sms, message(body="x" * 1531))
        assert (outcome.result, server.requests) == (Result.REFUSED, 0)
        assert "11 messages long" in outcome.reason
        assert send(sms, message(body=" \n")).result is Result.REFUSED
