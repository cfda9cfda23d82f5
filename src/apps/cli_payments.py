"""`myticket payments …`"""

from __future__ import annotations

import click

from apps.cli_common import ID, data_option, json_option, run, settings_of


@click.group()
def payments() -> None:
    """Money that is not where it should be.

    It finds its way by itself, but for refunds that were given up, and what was paid for bookings that were lost.
    """


@payments.command()
@data_option
@json_option
def doubt(data: str | None, as_json: bool) -> None:
    """What is in doubt in book and pay.

    Charges nobody has heard the end of, refunds that are not done: since when, how much, why. While they run, too.
    """
    from apps.payments import doubt as work

    settings = settings_of(data)
    run(settings, work(settings, as_json))


@payments.command()
@click.argument("bookings", metavar="BOOKING…", nargs=-1, type=ID)
@click.option("--all", "everything", is_flag=True, help="Every refund that was given up.")
@data_option
def retry(bookings: tuple[int, ...], everything: bool, data: str | None) -> None:
    """Have refunds made that were given up.

    After their reason is gone. The provider makes none twice.
    """
    from apps.payments import retry as work

    if everything == bool(bookings):
        raise click.UsageError("name bookings, or --all")
    settings = settings_of(data)
    run(settings, work(settings, bookings))


@payments.command()
@click.argument("bookings", metavar="BOOKING…", nargs=-1, required=True, type=ID)
@click.option("--reason", default="the booking was lost", show_default=True, help="What the buyer is told.")
@data_option
def refund(bookings: tuple[int, ...], reason: str, data: str | None) -> None:
    """Give back what was paid for bookings that book does not have.

    After it was restored from a backup: `myticket audit` names them. A booking that is live is canceled instead.
    """
    from apps.payments_refund import refund as work

    settings = settings_of(data)
    run(settings, work(settings, bookings, reason))
