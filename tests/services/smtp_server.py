"""An SMTP server as a process of its own: `python -m tests.services.smtp_server PORT FILE [CERT KEY]`.

What it has taken stands in FILE, a line of JSON each, before it says so. With a certificate it insists on STARTTLS
and on signing in as kim with the password "p:ss". no-…@ is refused for ever, later-…@ for now, slow-…@ is taken in
SLOW seconds. What RCPT or DATA answer to rcpt-…@ or data-…@ stands in FILE.answer.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import AuthResult

SLOW = 0.5


class Taking:
    def __init__(self, path):
        self.answer = Path(f"{path}.answer")
        self.file = open(path, "a", encoding="utf-8")  # noqa: SIM115  for as long as the process lives

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith(("no-", "later-")):
            return f"{550 if address.startswith('no-') else 451} <{address}> not now"
        if address.startswith("rcpt-"):
            return self.answer.read_text()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if envelope.rcpt_tos[0].startswith("slow-"):
            await asyncio.sleep(SLOW)
        if envelope.rcpt_tos[0].startswith("data-"):
            return self.answer.read_text()
        mail = message_from_bytes(envelope.content, policy=policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
        told = {"id": mail["Message-ID"], "to": envelope.rcpt_tos, "subject": mail["Subject"], "parts": parts}
        told |= {"peer": session.peer[1], "secure": session.ssl is not None, "sender": envelope.mail_from}
        told["from"] = session.host_name
        print(json.dumps(told), file=self.file, flush=True)
        return "250 taken"


def main(port, path, *secure):
    loop, more = asyncio.new_event_loop(), {}
    if secure:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*secure)
        more = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": judged}
    UnthreadedController(Taking(path), hostname="127.0.0.1", port=int(port), loop=loop, **more).begin()
    print("ready", flush=True)
    loop.run_forever()


def judged(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"kim", b"p:ss"))


if __name__ == "__main__":
    main(*sys.argv[1:])
