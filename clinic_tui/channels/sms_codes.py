"""What the SMS provider's error numbers mean, in sentences for staff.

The numbers are those of Twilio's error dictionary; one that is not here is told as a number.
"""

from __future__ import annotations

OPTED_OUT = 21610
"""The patient has texted STOP, and the provider takes nothing for that number any more."""

_OF_THE_NUMBER = {
    21211: "The number does not exist.",
    21214: "The number cannot be reached.",
    21217: "The number does not exist.",
    21265: "The number is a short code, and these cannot be texted.",
    21266: "The number is the clinic's own.",
    21408: "The clinic's SMS account may not text to that country.",
    21608: "A trial SMS account texts only to numbers that were verified.",
    OPTED_OUT: "The patient has texted STOP and gets no more texts.",
    21612: "The number cannot be texted from the clinic's number.",
    21614: "The number is no mobile number.",
    21635: "The number is a landline, and texts do not reach it.",
}
_OF_THE_TEXT = {
    21602: "The text is empty.",
    21605: "The text is too long.",
    21617: "The text is too long.",
    21619: "The text is empty.",
    30019: "The text is too long.",
}
_OF_THE_ACCOUNT = {
    20003: "The SMS provider does not accept the account number or the token.",
    20005: "The SMS account is not active.",
    20006: "The SMS account may not do this.",
    20404: "The SMS provider does not know the account.",
    21212: "The number to send from is not valid.",
    21603: "There is no number to send from.",
    21606: "The number to send from cannot send texts.",
    21659: "The number to send from is not the account's.",
    21660: "The number to send from is not the account's.",
    21701: "The SMS provider does not know the messaging service.",
    21703: "The messaging service has no number to send from.",
    21704: "The messaging service has no number to send from.",
    21705: "The SMS provider does not know the messaging service.",
    30002: "The SMS account is suspended.",
}
_PASSING = {
    14107: "The SMS provider takes no more for the moment.",
    20429: "The SMS provider takes no more for the moment.",
    21611: "Too many texts wait at the number to send from.",
    30001: "Too many texts wait at the number to send from.",
    30022: "The SMS provider takes no more for the moment.",
}
_UNDELIVERED = {
    30003: "The phone cannot be reached: it is off, or out of range.",
    30004: "The phone or its network blocks texts.",
    30005: "The number does not exist any more.",
    30006: "The number is a landline, or its network takes no texts.",
    30007: "The network took the text for spam.",
    30008: "The network did not deliver it and does not say why.",
    30009: "A part of the text was lost.",
    30010: "The text costs more than the account allows.",
    30017: "The network is overloaded.",
    30023: "The network's limit for one day is reached.",
    30024: "The network does not know the number to send from.",
    30032: "The number to send from is not verified.",
    30034: "The number to send from is not registered with the networks.",
    30036: "It could not be delivered in time.",
    30410: "The network did not answer in time.",
}
_STATUSES = dict.fromkeys(
    (301, 302, 303, 307, 308), "The SMS provider's address leads elsewhere."
) | {
    401: _OF_THE_ACCOUNT[20003],
    403: _OF_THE_ACCOUNT[20006],
    404: _OF_THE_ACCOUNT[20404],
    429: _PASSING[20429],
}
_ALL = _OF_THE_NUMBER | _OF_THE_TEXT | _OF_THE_ACCOUNT | _PASSING | _UNDELIVERED


def is_passing(status: int, code: int) -> bool:
    """Whether the provider would take the same message later."""
    return status == 429 or code in _PASSING


def is_of_the_account(status: int, code: int) -> bool:
    """Whether the clinic's settings are at fault, so that no message would be taken."""
    return code in _OF_THE_ACCOUNT or (code not in _ALL and status in _STATUSES)


def sentence(status: int, code: int) -> str:
    """What an HTTP status and the provider's number mean; the number says more."""
    if code in _ALL:
        return _ALL[code]
    return _STATUSES.get(status, f"The SMS provider refused it (error {code or status}).")


def undelivered(code: int | None) -> str:
    """Why a text that was taken did not arrive."""
    return _ALL.get(code or 0, "It was not delivered" + (f" (error {code})." if code else "."))
