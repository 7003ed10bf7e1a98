"""What a patient's answer by SMS means: a whole text that is one of the known words, or nothing.

The words that end and renew consent are those that networks and SMS providers act on themselves
(CTIA Messaging Principles, 5.1.3; Twilio's default keywords), with what they are in the languages
of the wording that comes with the program.
"""

from __future__ import annotations

import unicodedata

from ..codes import ReplyMeaning

_WORDS = {
    ReplyMeaning.YES: "yes y yep yeah ok okay confirm confirmed si sí s confirmo ja j bestätigt",
    ReplyMeaning.NO: "no n nope nein",
    ReplyMeaning.STOP: (
        "stop stopall unsubscribe cancel end quit optout revoke stopp abmelden abbestellen alto"
        " parar baja"
    ),
    ReplyMeaning.START: "start unstop inicio empezar alta anmelden",
}
_MEANINGS = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
DOUBTFUL = frozenset({"cancel", "end", "quit"})
"""Providers take these for STOP; whoever texts them to a clinic may mean the visit."""


def meaning_of(body: str) -> ReplyMeaning:
    """What a text means. More words than one, or another one, are for a person to read."""
    return _MEANINGS.get(bare_word(body), ReplyMeaning.OTHER)


def bare_word(body: str) -> str:
    """The text in small letters, without what stands around it: " “Yes!” " → "yes"."""
    text = unicodedata.normalize("NFKC", body).casefold().strip()
    first = next((at for at, char in enumerate(text) if char.isalnum()), len(text))
    last = next((at for at in range(len(text), first, -1) if text[at - 1].isalnum()), first)
    return text[first:last]
