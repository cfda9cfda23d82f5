"""`myticket dlq …`"""

from __future__ import annotations

import click

from apps.cli_common import data_option, json_option, run, settings_of
from apps.places import SERVICES


@click.group()
def dlq() -> None:
    """Events that could not be handled.

    They wait here, and later events of their key behind them.
    """


_service = click.argument("service", type=click.Choice(SERVICES))


@dlq.command("list")
@click.argument("services", type=click.Choice(SERVICES), nargs=-1)
@data_option
@json_option
def list_parked(services: tuple[str, ...], data: str | None, as_json: bool) -> None:
    """What is parked, oldest first."""
    from apps.dlq import list_parked as work

    settings = settings_of(data)
    run(settings, work(settings, services or SERVICES, as_json))


@dlq.command()
@_service
@click.argument("id")
@data_option
@json_option
def show(service: str, id: str, data: str | None, as_json: bool) -> None:
    """One parked event in full."""
    from apps.dlq import show as work

    settings = settings_of(data)
    run(settings, work(settings, service, id, as_json))


@dlq.command()
@_service
@click.argument("ids", metavar="ID…", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything parked for the service.")
@data_option
def replay(service: str, ids: tuple[str, ...], everything: bool, data: str | None) -> None:
    """Handle parked events again.

    Under their own ids, together with what waits behind them.
    """
    from apps.dlq import replay as work

    if everything == bool(ids):
        raise click.UsageError("name ids, or --all")
    settings = settings_of(data)
    run(settings, work(settings, service, ids))


@dlq.command()
@_service
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@data_option
def discard(service: str, ids: tuple[str, ...], data: str | None) -> None:
    """Give parked events up for good.

    What waits behind them can then be replayed.
    """
    from apps.dlq import discard as work

    settings = settings_of(data)
    run(settings, work(settings, service, ids))
