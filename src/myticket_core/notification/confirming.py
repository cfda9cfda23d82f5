"""The code by which an address is shown to be its recipient's: the mail with it, and saying it back."""

from __future__ import annotations

import re
from datetime import datetime
from hmac import compare_digest
from typing import Final

from attrs import evolve

from myticket_core.errors import Rejected
from myticket_core.notification.contact import Contact
from myticket_core.notification.letter import PARAGRAPH, letter, told
from myticket_core.notification.model import Message

EVENT: Final = "ContactConfirmation"
_CODE: Final = "{code}"
"""Where it goes in the text: it is looked up when the mail is sent, as the address is."""
_LINK: Final = re.compile(r"https?://\S+\?code=\S+")
_SUBJECT: Final = "이메일 주소를 확인해 주세요 / Confirm your e-mail address"
_WORDS: Final = (
    "알림 받을 곳으로 이 주소가 입력되었습니다. 직접 하셨다면 {how_ko} 하루 동안 유효합니다. "
    "직접 하지 않으셨다면 아무것도 하지 마세요. 더는 메일이 오지 않습니다. / "
    "This address was given to send messages to. If it was you who did, {how_en} This holds for a day. "
    "If it was not, do nothing: no messages will come."
)
_LINKED: Final = {
    "how_ko": "로그인한 채 이 주소를 열어 확인해 주세요: {link}?code={code} (확인 코드: {code}).",
    "how_en": "open this address while signed in, and confirm: {link}?code={code} (the code: {code}).",
}
_ALONE: Final = {
    "how_ko": "로그인한 채 이 확인 코드를 입력해 주세요: {code}.",
    "how_en": "give this code while signed in: {code}.",
}


def confirmed(contact: Contact, code: str, now: datetime) -> Contact:
    """With nothing pending; what was confirmed before stays so. Raises Rejected."""
    if contact.pending is None:
        return contact
    if not compare_digest(code.encode(errors="replace"), contact.pending.code.encode()):
        raise Rejected("wrong_code", "it is not the code that was sent to this address, or it was for somebody else")
    if now >= contact.pending.until:
        raise Rejected("wrong_code", "the code is too old by now: have another one sent")
    return evolve(contact, pending=None)


def confirmation(contact: Contact, now: datetime, correlation_id: str, prefix: str, page: str | None) -> Message:
    """The mail with the code, which is not in it yet. `page` takes the code; None: there are no pages."""
    how = _ALONE if page is None else {name: words.replace("{link}", page) for name, words in _LINKED.items()}
    return Message(
        event_id=f"{_said_of(contact)}-{now.timestamp():.6f}",
        event=EVENT,
        channel=contact.channel,
        text=letter(_SUBJECT, prefix, told(_WORDS, lambda _: how)),
        correlation_id=correlation_id,
        customer_id=contact.recipient.customer_id,
        company_id=contact.recipient.company_id,
    )


def to_be_sent(message: Message, contact: Contact) -> str | None:
    """The text for there; None: it does not go there, or not any more."""
    if message.event != EVENT:
        return message.text if contact.reached else None
    asked_for = contact.wanted and contact.pending
    if not asked_for or not message.event_id.startswith(f"{_said_of(contact)}-"):
        return None
    subject, *paragraphs = message.text.split(PARAGRAPH)
    return PARAGRAPH.join((subject, *(it.replace(_CODE, asked_for.code) for it in paragraphs)))


def link_in(text: str, message: Message) -> str | None:
    """The address to open in the mail with the code. In other mails there is none: names are in them that anybody has
    typed, and what looks like an address may be such a one.
    """
    found = _LINK.search(text) if message.event == EVENT else None
    return found and found[0]


def _said_of(contact: Contact) -> str:
    """What the mails with one code have in common, by which the code cannot be found."""
    import hashlib

    assert contact.pending is not None, "there is a code"
    return f"confirmation-{hashlib.sha256(contact.pending.code.encode()).hexdigest()[:32]}"
