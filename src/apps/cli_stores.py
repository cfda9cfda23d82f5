"""`myticket migrate`, `rebuild`, `rehear` and `audit`: work on whole stores."""

from __future__ import annotations

import sys

import click

from apps.cli_common import begin, data_option, json_option, run, settings_of
from apps.places import SERVICES


@click.command()
@click.argument("service", type=click.Choice((*SERVICES, "all")))
@data_option
def migrate(service: str, data: str | None) -> None:
    """Bring stores to this version's schema."""
    from apps.stores import migrate as work

    settings = settings_of(data)
    begin(settings)
    everything = SERVICES if settings.kafka_bootstrap_servers else ("log", *SERVICES)
    work(settings, everything if service == "all" else (service,))


@click.command()
@click.argument("view", type=click.Choice(("mypage",)))
@data_option
@json_option
@click.option("--force", is_flag=True, help="Also when pages are shown that the log says nothing of: they go.")
def rebuild(view: str, data: str | None, as_json: bool, force: bool) -> None:
    """Make the pages anew from the log.

    Beside the live ones, and then put in their place at once.
    """
    from apps.stores import rebuild as work

    settings = settings_of(data)
    run(settings, work(settings, as_json, force))


@click.command()
@click.argument("service", type=click.Choice([name for name in SERVICES if name != "mypage"]))
@data_option
def rehear(service: str, data: str | None) -> None:
    """Have a service hear again all that was ever said.

    After its store was put back to an older state, or has lost its last moments: it has again what it has told itself,
    and what others have said. Before it is started, but for alarm; what it knows already changes nothing. The pages are
    made anew by `rebuild`.
    """
    from apps.stores import rehear as work

    settings = settings_of(data)
    run(settings, work(settings, service))


@click.command()
@data_option
@json_option
def audit(data: str | None, as_json: bool) -> None:
    """Check that the services agree.

    Compares their stores, running or not, and exits with 1 and the ids of what contradicts.
    """
    from apps import audit as auditing

    settings = settings_of(data)
    sys.exit(run(settings, auditing.run(settings, as_json)))
