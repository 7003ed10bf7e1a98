"""Two thousand made-up patients, the same ones every time, and a few awkward ones on purpose."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from ..domain.codes import Channel, Sex
from ..domain.intake.intake import Incoming
from ..domain.patients.details import PatientDetails
from .plan import Plan

_OLDEST = date(1931, 1, 1)
_NUMBERS_A_CODE = 100
_SEED = 20261124


def patients(plan: Plan, today: date) -> Iterator[Incoming[PatientDetails]]:
    """The patients as rows of an intake; their outside ids are "demo-0001" and so on."""
    dice = random.Random(_SEED)  # noqa: S311 - the same people every time
    count: int = plan.clinic["patients"]
    for number, person in enumerate(plan.people, start=1):
        yield Incoming(number, _awkward(number, person))
    phones = _phones(plan, dice)
    names = _names(plan, dice)
    for number in range(len(plan.people) + 1, count + 1):
        yield Incoming(number, _usual(plan, dice, number, next(names), next(phones), today))


def outside_id(number: int) -> str:
    """By what the made-up patient of that number is known."""
    return f"demo-{number:04}"


def _awkward(number: int, person: dict[str, object]) -> PatientDetails:
    born = person.get("birth_date")
    email = str(person.get("email", ""))
    return PatientDetails(
        family_name=str(person["family_name"]),
        given_name=str(person["given_name"]),
        birth_date=born if isinstance(born, date) else None,
        sex=Sex(str(person["sex"])),
        phones=(str(person["phone"]),) if "phone" in person else (),
        email=email,
        language=str(person.get("language", "")),
        email_consent=bool(email),
        sms_consent="phone" in person,
        alert=str(person.get("alert", "")),
        outside_id=outside_id(number),
    )


def _usual(
    plan: Plan,
    dice: random.Random,
    number: int,
    name: tuple[str, str, Sex],
    phone: str,
    today: date,
) -> PatientDetails:
    given, family, sex = name
    wants_mail = dice.random() < 0.4
    street = dice.choice(plan.names["streets"])
    return PatientDetails(
        family_name=family,
        given_name=given,
        birth_date=_OLDEST + timedelta(days=dice.randrange((today - _OLDEST).days)),
        sex=sex,
        phones=(phone,),
        email=f"patient{number:04}@mail.example" if wants_mail else "",
        address=f"{dice.randint(1, 240)} {street}, New York, NY 100{dice.randint(10, 40)}",
        prefers=dice.choice((None, None, Channel.SMS, Channel.EMAIL if wants_mail else None)),
        email_consent=wants_mail,
        sms_consent=dice.random() < 0.6,
        alert=dice.choice(plan.names["alerts"]) if dice.random() < 0.06 else "",
        outside_id=outside_id(number),
    )


def _names(plan: Plan, dice: random.Random) -> Iterator[tuple[str, str, Sex]]:
    """Every given name with every family name once, in no order."""
    every = [
        (given, family, sex)
        for sex, key in ((Sex.FEMALE, "female"), (Sex.MALE, "male"))
        for given, family in product(plan.names[key], plan.names["family"])
    ]
    dice.shuffle(every)
    return iter(every)


def _phones(plan: Plan, dice: random.Random) -> Iterator[str]:
    """Numbers that nobody has; some families share one."""
    every = [
        f"({code}) 555-01{last:02}"
        for code in plan.names["area_codes"]
        for last in range(_NUMBERS_A_CODE)
    ]
    dice.shuffle(every)
    for number in every:
        yield number
        if dice.random() < 0.1:
            yield number
