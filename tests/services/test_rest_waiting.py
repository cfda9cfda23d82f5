"""/sales/{ticketId}/waiting over HTTP: one's place in line, and every reason there is none."""

from __future__ import annotations

from tests.services.rest_world import URL, World


class Line(World):
    """A ticket with one seat, which customer 9 has booked."""

    async def sold_out(self) -> Line:
        self.sold = await self.ticket(capacity=1)
        self.taken = (await self.ask("customer 9", "POST", "/books", {"ticketId": self.sold})).json()["id"]
        self.path = f"/sales/{self.sold}/waiting"
        return self

    async def freed(self) -> None:
        await self.ask("customer 9", "DELETE", f"/books/{self.taken}")
        await self.offer_seats()
        await self.settle()


async def test_a_place_is_joined_looked_at_offered_and_paid() -> None:
    line = await Line().sold_out()
    first = await line.ask("customer 1", "PUT", line.path)
    dates = {"startDate": "2027-01-23T18:00:00.000+0000", "endDate": "2027-01-27T18:00:00.000+0000"}
    second = await line.ask("customer 2", "PUT", line.path, {"customerId": 2, **dates})
    assert dates.items() <= second.json().items()
    assert (first.status_code, first.json()["position"], second.json()["position"]) == (200, 1, 2)
    assert first.json()["status"] == "WAITING"
    assert first.json()["_links"]["self"]["href"].endswith(line.path)
    sale = (await line.ask(None, "GET", f"/sales/{line.sold}")).json()
    assert (sale["waiting"], sale["remaining"], sale["booked"]) == (2, 0, 1)

    await line.freed()
    offered = (await line.ask("customer 1", "GET", line.path)).json()
    assert (offered["status"], "position" in offered) == ("OFFERED", False)
    assert offered["_links"]["payment"]["href"].endswith(f"/books/{offered['bookId']}/payment")
    booking = (await line.ask("customer 1", "GET", f"/books/{offered['bookId']}")).json()
    assert (booking["status"], booking["expiresAt"]) == ("PENDING", offered["expiresAt"])
    assert (await line.ask("customer 2", "GET", line.path)).json()["position"] == 1
    (told,) = (await line.ask("customer 1", "GET", "/notifications")).json()["_embedded"]["notifications"]
    assert "you waited for" in told["message"]

    paid = await line.ask("customer 1", "POST", f"/books/{offered['bookId']}/payment")
    assert (paid.status_code, paid.json()["status"]) == (200, "BOOKED")
    assert (await line.ask("customer 1", "GET", line.path)).json()["status"] == "TAKEN"


async def test_joining_and_leaving_again_change_nothing() -> None:
    line = await Line().sold_out()
    once, again = [(await line.ask("customer 1", "PUT", line.path)).json() for _ in range(2)]
    assert once == again
    assert [(await line.ask("customer 1", "DELETE", line.path)).status_code for _ in range(2)] == [204, 204]
    assert (await line.ask("customer 1", "GET", line.path)).json()["status"] == "LEFT"
    assert (await line.ask(None, "GET", f"/sales/{line.sold}")).json()["waiting"] == 0


async def test_every_refusal_says_why() -> None:
    line = await Line().sold_out()
    free, unlimited, gone = await line.ticket(capacity=2), await line.ticket(), await line.ticket(capacity=0)
    await line.ask("organizer 1", "DELETE", f"/tickets/{gone}")
    await line.settle()
    for ticket, status, code, remaining in (
        (free, 409, "seats_left", 2),
        (unlimited, 409, "seats_left", None),
        (gone, 409, "closed", None),
        (4711, 404, "not_found", None),
    ):
        answer = await line.ask("customer 1", "PUT", f"/sales/{ticket}/waiting")
        said = answer.json()
        assert (answer.status_code, said["code"], said.get("remaining")) == (status, code, remaining)
    for _ in range(10):
        sold = await line.ticket(capacity=0)
        assert (await line.ask("customer 1", "PUT", f"/sales/{sold}/waiting")).status_code == 200
    many = await line.ask("customer 1", "PUT", line.path)
    assert (many.status_code, many.json()["code"], many.json()["limit"]) == (409, "too_many_places", 10)
    assert (await line.ask("customer 1", "GET", line.path)).status_code == 404


async def test_whose_place_it_is() -> None:
    line = await Line().sold_out()
    for who, method, path, body, member in (
        ("customer 1", "PUT", line.path, {"customerId": 2}, "customerId"),
        ("customer 1", "GET", f"{line.path}?customerId=2", None, "customerId"),
        ("customer 1", "PUT", line.path, {"startDate": "2027-01-27", "endDate": "2027-01-23"}, "endDate"),
        ("admin", "PUT", line.path, None, "customer_id"),
        ("admin", "GET", line.path, None, "customer_id"),
        ("admin", "DELETE", f"{line.path}?customerId=x", None, "customerId"),
        ("customer 1", "GET", "/sales/0/waiting", None, "ticketId"),
        ("customer 1", "GET", "/sales/waiting?sort=price", None, "sort"),
    ):
        answer = await line.ask(who, method, path, body)
        assert (answer.status_code, answer.json()["member"].lower()) == (400, member.lower().replace("_", "")), (
            answer.text
        )
    assert (await line.ask("admin", "PUT", line.path, {"customerId": 1})).json()["customerId"] == 1
    assert (await line.ask("customer 1", "GET", line.path)).json()["position"] == 1
    assert (await line.ask("customer 2", "GET", line.path)).status_code == 404
    assert (await line.ask("customer 2", "DELETE", line.path)).status_code == 404
    for who, count in (("customer 1", 1), ("customer 2", 0), ("admin", 1)):
        page = (await line.ask(who, "GET", "/sales/waiting?sort=joinedAt,desc")).json()
        assert (page["page"]["totalElements"], len(page["_embedded"]["waiting"])) == (count, count)


async def test_the_places_that_one_is_told_of_are_where_that_says() -> None:
    line = await Line().sold_out()
    place = (await line.ask("customer 1", "PUT", line.path)).json()
    assert place["_links"]["self"]["href"] == f"{URL}{line.path}"
    for who in ("customer 1", "admin"):
        (listed,) = (await line.ask(who, "GET", "/sales/waiting")).json()["_embedded"]["waiting"]
        found = await line.ask(who, "GET", listed["_links"]["self"]["href"].removeprefix(URL))
        assert (found.status_code, found.json()["position"]) == (200, 1)
        assert found.json()["_links"] == listed["_links"]
        joined = await line.ask(who, "PUT", line.path, {"customerId": 1})
        assert joined.json()["_links"] == listed["_links"]
