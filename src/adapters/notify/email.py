"""E-mail: a message as text and HTML, in Korean and English, handed to an SMTP server (aiosmtplib)."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Final

import aiosmtplib

from adapters.notify.fact import fact
from adapters.notify.lines import MOST, Lines
from adapters.notify.slots import Slots, room
from myticket_core.errors import Invalid, Rejected, Unavailable
from myticket_core.notification.confirming import link_in, to_be_sent
from myticket_core.notification.contact import mailbox
from myticket_core.notification.letter import LANGUAGES, PARAGRAPH
from myticket_core.notification.model import EMAIL, Message, Notification
from myticket_core.notification.ports import NO_CONTACT, REFUSED, Contacts

SOON: Final = timedelta(seconds=1)
MENDED: Final = timedelta(minutes=5)
"""What is ours to mend is not mended in a second."""
OF_ONE: Final = MOST // 2
"""Mails under way to one recipient: for whom the server takes long holds up nobody else's."""
MOMENT: Final = 1.0
"""Seconds that a mail waits until it is among those."""
_ABOUT_US: Final = re.compile(r"\s*(5\.1\.[78]|5\.4\.5|5\.7\.\d+)\b", re.ASCII)
"""Our sender, our quota, what we may do (RFC 3463). Some say 5.7 of a single mail too: that is tried in vain."""
_WRONGLY_ASKED: Final = (500, 502, 503, 504, 530, 535)
"""Whatever it is for: not in this order, not with this name, not without signing in."""


class Email:
    """What the server has taken is delivered. Sent again it bears the same Message-ID, by which mailboxes tell.

    The address is looked up when it is needed, and so is the code that confirms it: who has removed it meanwhile gets
    nothing.
    """

    name = EMAIL

    def __init__(self, lines: Lines, sender: str, contacts: Contacts) -> None:
        self._lines, self._sender, self._contacts = lines, sender, contacts
        self._slots = Slots(OF_ONE)

    async def send(self, notification: Notification) -> None:
        """Raises Rejected: nobody to send to, or never to be taken for them; InDoubt; Full; else Unavailable."""
        to, text = await self._addressed(notification.message)
        letter = letter_of(notification, self._sender, to, text)
        try:
            async with room(MOMENT, self._slots.of(notification.message.recipient)), self._lines.one() as smtp:
                await smtp.send_message(letter, sender=self._sender, recipients=[to])
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _judged(refused.recipients[0], "the recipient") from None
        except aiosmtplib.SMTPDataError as refused:
            raise _judged(refused, "the message") from None
        except aiosmtplib.SMTPResponseException as refused:
            raise Unavailable(f"the mail server answered {refused.code} ({type(refused).__name__})", SOON) from None
        except (aiosmtplib.SMTPException, OSError) as failure:
            raise Unavailable(f"the mail server cannot be asked ({type(failure).__name__})", SOON) from None

    async def _addressed(self, message: Message) -> tuple[str, str]:
        """Where it goes, and what is said there."""
        for contact in await self._contacts.of(message.recipient):
            if contact.channel == self.name and (text := to_be_sent(message, contact)) is not None:
                return _checked(contact.address), text
        raise Rejected(NO_CONTACT, "they are not to be reached here any more")


def _checked(address: str) -> str:
    """It may have been taken when more was allowed. Raises Rejected."""
    try:
        return mailbox(address)
    except Invalid:
        raise Rejected(REFUSED, "the address is none that a mail can be sent to") from None


def letter_of(notification: Notification, sender: str, to: str, text: str) -> EmailMessage:
    """The first paragraph is the subject, the others are one in each language."""
    subject, *paragraphs = text.split(PARAGRAPH)
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, to, " ".join(subject.split())
    letter["Date"] = format_datetime(notification.created_at)
    letter["Message-ID"] = message_id(notification.message, sender)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's machine is to answer
    letter.set_content(PARAGRAPH.join(paragraphs) + "\n")
    letter.add_alternative(_html(paragraphs, link_in(text, notification.message)), subtype="html")
    return letter


def message_id(message: Message, sender: str) -> str:
    """The same for one fact, recipient and channel; nothing can be read in it."""
    return f"<{fact(message)[:40]}@{sender.rpartition('@')[2]}>"


def _html(paragraphs: list[str], link: str | None) -> str:
    told = zip(LANGUAGES, paragraphs, strict=False)
    body = "".join(f'<p lang="{language}">{_linked(text, link)}</p>\n' for language, text in told)
    return f'<!doctype html>\n<html lang="ko"><meta charset="utf-8"><body>\n{body}</body></html>\n'


def _linked(text: str, link: str | None) -> str:
    if link is None:
        return escape(text)
    return escape(text).replace(escape(link), f'<a href="{escape(link)}">{escape(link)}</a>')


def _judged(refusal: aiosmtplib.SMTPResponseException, what: str) -> Exception:
    """What is about us is ours to mend, and loses no mail. The server's words are left out: they name the address."""
    code, about_us = refusal.code, _ABOUT_US.match(refusal.message)
    if about_us or code in _WRONGLY_ASKED:
        why = f"{code} {about_us[1]}" if about_us else f"{code}"
        return Unavailable(f"the mail server refused us, with {what}: {why}", MENDED)
    if code >= 500:
        return Rejected(REFUSED, f"the mail server refused {what}: {code}")
    return Unavailable(f"the mail server does not take {what} now: {code}", SOON)
