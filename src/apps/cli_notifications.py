"""`myticket notifications …`"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import click

from adapters.notify import InApp
from apps.cli_common import ID, data_option, json_option, run, settings_of
from apps.message_states import STATES
from apps.setting_kinds import instant
from myticket_core.access import EVERYTHING, Scope
from myticket_core.notification.model import ELSEWHERE
from myticket_core.notification.ports import Sought

UNSENT: Final = ("waiting", "given-up")


@click.group()
def notifications() -> None:
    """What became of messages to people, and where none go any more.

    Nobody's address is shown, and no message's words.
    """


@notifications.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(list(STATES)), help="[waiting and given-up]")
@click.option("--channel", type=click.Choice((InApp.name, *sorted(ELSEWHERE))), help="[every one]")
@click.option("--customer", metavar="ID", type=ID, help="To whom.")
@click.option("--company", metavar="ID", type=ID, help="To whom.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="The newest."
)
@data_option
@json_option
def list_messages(
    states: tuple[str, ...],
    channel: str | None,
    customer: int | None,
    company: int | None,
    limit: int,
    data: str | None,
    as_json: bool,
) -> None:
    """Which wait, were sent or were given up, and why; the newest first."""
    from apps.notifications import list_messages as work

    anybody = customer is None and company is None
    recipient = EVERYTHING if anybody else Scope(customer_id=customer, company_id=company)
    sought = [Sought(STATES[state], channel, recipient) for state in dict.fromkeys(states or UNSENT)]
    settings = settings_of(data)
    run(settings, work(settings, sought, limit, as_json))


def _instant(_: click.Context, __: click.Parameter, said: str | None) -> datetime | None:
    try:
        return None if said is None else instant(said)
    except ValueError as wrong:
        raise click.BadParameter(f"{said!r} is not {wrong}") from None


@notifications.command()
@click.option("--email", "address", metavar="ADDRESS", required=True, help="In whichever case it is written.")
@data_option
def forget(address: str, data: str | None) -> None:
    """Send nothing more to an address.

    It is taken away from everybody who has given it. Who gives it again has to confirm it.
    """
    from apps.notifications import forget as work

    settings = settings_of(data)
    run(settings, work(settings, address))


@notifications.command()
@click.argument("ids", metavar="ID…", nargs=-1, type=ID)
@click.option(
    "--all", "everything", is_flag=True, help="What was given up over --channel; not what had nobody to go to."
)
@click.option("--channel", type=click.Choice(sorted(ELSEWHERE)), help="Of --all.")
@click.option(
    "--since", metavar="TIME", callback=_instant, help="Of --all: as 2026-11-27T09:00:00+09:00 [two days ago]."
)
@data_option
def resend(
    ids: tuple[int, ...], everything: bool, channel: str | None, since: datetime | None, data: str | None
) -> None:
    """Send messages again.

    Each is queued and tried from the start, under the same Message-ID. What waits goes on waiting.
    """
    from apps.notifications import resend as work

    if everything == bool(ids) or everything != bool(channel) or (since and not everything):
        raise click.UsageError("name ids, or --all with --channel")
    settings = settings_of(data)
    run(settings, work(settings, ids, channel, since))
