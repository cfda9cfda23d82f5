"""`myticket serve`: services as processes of their own, on their own files and the shared log of one folder."""

import asyncio
import os

from attrs import define

from tests.e2e.system import System, command
from tests.services.test_apps_up import booked, refused, until


@define
class Served(System):
    """One service, on a port of its own."""

    service: str = ""

    async def start(self):
        with (self.data / f"{self.service}.log").open("ab") as log:
            words = ("serve", self.service, "--port", str(self.port), "--data", str(self.data))
            self.process = await asyncio.create_subprocess_exec(
                *command(*words), stdout=log, stderr=log, env={**os.environ, **self.settings}
            )
        await asyncio.wait_for(self._ready(), 30)


async def test_ticket_and_book_meet_in_the_log(tmp_path):
    async with Served(tmp_path, service="ticket") as ticket, Served(tmp_path, service="book") as book:
        registered = await ticket.ticket(capacity=1)
        booking = await booked(book, registered)
        assert (await book.ask("GET", "/tickets")).status == 404
        assert (await ticket.ask("GET", f"/books/{booking}", await ticket.admin())).status == 404

        async def sold_out():
            return not (await ticket.ask("GET", f"/tickets/{registered}")).body["available"]

        await until(sold_out)
        said, code = await refused("serve", "pay", "--data", str(tmp_path), "--port", "0")
        assert said == f"myticket: {tmp_path} is in use: process {book.process.pid} runs pay there"
        assert code == 1


async def test_a_service_may_have_its_store_elsewhere(tmp_path):
    elsewhere = {"DATABASE_URL": f"sqlite:///{tmp_path}/elsewhere.sqlite"}
    async with Served(tmp_path, elsewhere, service="ticket") as ticket:
        await ticket.ticket()
    assert (tmp_path / "elsewhere.sqlite").exists()
    assert not (tmp_path / "ticket.sqlite").exists()
