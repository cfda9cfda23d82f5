"""`myticket`: every command is a line of click; its work, `dlq` of `cli_dlq`, is imported when it is called."""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from shlex import quote
from typing import Final

import click

from apps.cli_common import ID, begin, data_option, json_option, run, settings_of
from apps.cli_dlq import dlq
from apps.cli_notifications import notifications
from apps.cli_payments import payments
from apps.cli_stores import audit, migrate, rebuild, rehear
from apps.environment import shown
from apps.escaping import escaped
from apps.failures import told
from apps.places import SERVICES
from apps.settings import Settings

PORTS: Final = {"pay": 8081, "ticket": 8082, "mypage": 8083, "book": 8084, "alarm": 8085}
LONGEST: Final = 10 * 365 * 86_400
"""Seconds that a token may be good for."""
MANY: Final = 100_000
"""Objects until the collector looks: what a start imports stays, and looking through it took a seventh of its CPU."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="myticket", message="%(prog)s %(version)s")
def cli() -> None:
    """A ticket-booking system. Settings come from the environment: see `myticket settings`."""


@cli.command()
@click.option("--port", metavar="N", help="0: any free one [PORT, 8088].")
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback only, with the development tokens.")
@data_option
@click.option("--without", multiple=True, type=click.Choice(("alarm", "mypage")), help="As if it were down.")
def up(port: str | None, host: str, data: str | None, without: tuple[str, ...]) -> None:
    """Run the whole system.

    All five services in this process, all routes on one port, everything durable in DIR.
    """
    from apps.embedded import run as work

    settings = settings_of(data, port)
    run(settings, work(settings, host, [name for name in SERVICES if name not in without], partial(_all_up, settings)))


@cli.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option("--port", metavar="N", help="0: any free one [PORT, the original service's: 8081 to 8085].")
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback only, with the development tokens.")
@data_option
def serve(service: str, port: str | None, host: str, data: str | None) -> None:
    """Run one service.

    Its routes and its workers, on its own store: DATABASE_URL (for mypage also MONGODB_URL), else its file in DIR.
    Events go over Kafka when KAFKA_BOOTSTRAP_SERVERS is set, else over the log in DIR.

    `book` asks pay at API_URL_PAYMENT and ticket at API_URL_TICKET; without them it is pay in the same process, and
    needs the file of `pay` to itself as well. A store on PostgreSQL or MongoDB is migrated before: `myticket migrate`.
    """
    from apps.embedded import run as work

    settings = settings_of(data, _own_port(service) if port is None else port)
    run(settings, work(settings, host, [service], partial(_up, settings), alone=service))


def _own_port(service: str) -> str | None:
    """That of the original service, unless a setting says another."""
    said = os.environ.get("MYTICKET_PORT") or os.environ.get("PORT")
    return None if said else str(PORTS[service])


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8088, show_default=True)
@click.option("--data", metavar="DIR", help="Keep the data here. [a temporary folder]")
@click.option("--exit", "leave", is_flag=True, help="Stop at the end instead of going on serving.")
def demo(port: int, data: str | None, leave: bool) -> None:
    """Play the whole scenario.

    Over HTTP, told step by step in Korean and English.
    """
    from apps import demo as scenario

    settings = settings_of(data)
    sys.exit(run(settings, scenario.run(port, None if data is None else settings.data, leave)))


@cli.command()
@data_option
@click.option("--role", type=click.Choice(("organizer", "customer", "admin")), required=True)
@click.option("--company-id", type=ID, help="Whose organizer.")
@click.option("--customer-id", type=ID, help="Which customer.")
@click.option("--lifetime", type=click.IntRange(1, LONGEST), default=86_400, show_default=True, help="In seconds.")
def token(data: str | None, role: str, company_id: int | None, customer_id: int | None, lifetime: int) -> None:
    """Print a token for the system of DIR.

    Whether it runs or not; of no use anywhere else.
    """
    from apps.tokens import issue

    for kind, id, option in (("organizer", company_id, "--company-id"), ("customer", customer_id, "--customer-id")):
        if (role == kind) != (id is not None):
            raise click.UsageError(f"{option} goes with --role {kind}, and only with it")
    click.echo(issue(settings_of(data), role, company_id, customer_id, lifetime))


@cli.command("vapid-key")
def vapid_key() -> None:
    """Print a new key for Web Push.

    For VAPID_KEY, or for the file that VAPID_KEY_FILE names. Browsers have to be asked anew after a change of it.
    """
    from adapters.notify.vapid import new_key

    click.echo(new_key())


@cli.command()
@json_option
def settings(as_json: bool) -> None:
    """Print the settings.

    Secrets redacted, and where each comes from. What is nearly one of them is told on stderr.
    """
    from apps.printing import table, to_json

    found = settings_of()
    begin(found)
    rows = list(shown(found))
    if as_json:
        to_json({name: {"value": value, "source": source} for name, value, source in rows})
    else:
        table(("setting", "value", "from"), rows)


@cli.command()
@click.argument("service", type=click.Choice(SERVICES), required=False)
def openapi(service: str | None) -> None:
    """Print the OpenAPI document."""
    from apps.describing import document

    settings = settings_of()
    click.echo(run(settings, document(settings, (service,) if service else SERVICES)))


@cli.command()
def asyncapi() -> None:
    """Print the AsyncAPI document."""
    from apps.asyncapi import document

    click.echo(document(), nl=False)


@cli.command("graphql-schema")
@click.argument("service", type=click.Choice(SERVICES), required=False)
def graphql_schema(service: str | None) -> None:
    """Print the GraphQL schema."""
    from apps.describing import graphql_schema as schema

    click.echo(schema((service,) if service else SERVICES), nl=False)


for command in (dlq, notifications, payments, migrate, rebuild, rehear, audit):
    cli.add_command(command)


def _all_up(settings: Settings, url: str) -> None:
    _up(settings, url)
    if settings.development_tokens:
        click.echo(f"pages  {url}/web")


def _up(settings: Settings, url: str) -> None:
    click.echo(f"myticket answers on {url}  (what it offers: {url}/schema)")
    click.echo(f"data   {settings.data}")
    if settings.development_tokens:
        click.echo(f"token  myticket token --data {quote(str(settings.data))} --role customer --customer-id 1")
    click.echo("stop   Ctrl-C")


def main() -> None:
    """Usage errors end with 2, expected failures with one line and 1; only a defect shows a traceback."""
    gc.set_threshold(MANY)
    try:
        cli(prog_name="myticket")
    except Exception as error:
        message = told(error)
        if message is None:
            raise
        click.echo("\n".join(f"myticket: {escaped(line)}" for line in message.splitlines()), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
