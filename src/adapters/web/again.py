"""A form whose answer did not come, or settles nothing: it is sent again as it was, so that it is the same try."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from adapters.web.answers import Page
from adapters.web.asking import Answer, NoAnswer
from adapters.web.visit import Visit

SENT: Final = "again"
"""A field of a form that may have done already what it asks for."""


class Unsettled(Exception):
    """What the form that was `sent` came to is not known, or it was not let in: it is to be sent again."""

    def __init__(self, sent: Mapping[str, str], answer: Answer | None) -> None:
        self.sent, self.answer = sent, answer


async def tried(
    visit: Visit, form: Mapping[str, str], method: str, path: str, body: Any = None, settled: Collection[str] = ()
) -> Answer:
    """What it came to, under the form's key if it has one. Raises Unsettled, but for a code that is `settled`."""
    try:
        answer = await visit.ask(method, path, body, form.get("key"))
    except NoAnswer:
        raise Unsettled(form, None) from None
    if answer.code not in settled and in_doubt(answer):
        raise Unsettled(form, answer)
    return answer


def settles(answer: Answer) -> bool:
    """Whether it is known what has become of what was asked, which something between us and the API cannot tell."""
    return answer.status < 500 and answer.status != 429


def in_doubt(answer: Answer) -> bool:
    """Whether the same try has to go on, or was another one: no new key is to be had for it."""
    return answer.code == "key_reused" or not settles(answer)


def was_sent(form: Mapping[str, str]) -> bool:
    """Whether what it asks for may have been done already."""
    return SENT in form


def asked_again(visit: Visit, sent: Mapping[str, str], answer: Answer | None) -> Page:
    """The form with all that was `sent`. Nothing has to be asked for this page, which might fail too.

    A key that was used for something else is given no new one: what became of that has to be looked at first.
    """
    code, paying = answer.code if answer else "in_doubt", visit.role == "customer" and "key" in sent
    text = f"outcome_{code}" if paying else f"organizer_{code}"
    if not visit.speaker.has(text):
        code, text = "in_doubt", "outcome_in_doubt" if paying else "organizer_in_doubt"
    kept = {name: value for name, value in sent.items() if name != "form"}
    if answer is None or answer.status >= 500:
        kept[SENT] = "1"
    facts = {"sent": kept, "outcome": code, "text": text}
    return visit.alone("again.html", answer.status if answer else 503, **facts)
