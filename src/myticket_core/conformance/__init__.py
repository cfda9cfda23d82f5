"""Suites that any adapter of a port must pass, whoever wrote it. Standard library only, shipped in the package.

How to try your own adapter: mix the suite of its port into a test case and give it what is under test.

    from unittest import IsolatedAsyncioTestCase

    from myticket_core.conformance import bookings

    class TestMyBookings(bookings.BookingsConformance, IsolatedAsyncioTestCase):
        async def new(self) -> bookings.BookingStore:
            database = await MyDatabase.open(a_fresh_place)
            self.addAsyncCleanup(database.close)
            return bookings.BookingStore(MyBookings(database), MySales(database), MyOutbox(database))

Run it with pytest or with `python -m unittest`. A suite is no test case by itself: nothing takes it for a test where
it is imported, and yours may be another one that can do what IsolatedAsyncioTestCase can. `new` gives empty stores,
every time; a suite that needs several ports says so with a small class of its own module (BookingStore, TicketStore,
Log …), and all of them stand on one database. What an adapter can beyond that it declares by class attributes, and no
suite asks for its name:

    durable = True   and `async def reopen(self, under)`: close everything, open it again as after a restart
    shared  = True   and `async def beside(self, under)`: more ports on the same data, as another process has them
"""
