"""Suites that any adapter of a port must pass, whoever wrote it. Standard library only, shipped in the package.

How to try your own adapter: subclass the suite of its port and give it what is under test.

    from myticket_core.conformance import bookings

    class TestMyBookings(bookings.BookingsConformance):
        async def new(self) -> bookings.BookingStore:
            database = await MyDatabase.open(a_fresh_place)
            self.addAsyncCleanup(database.close)
            return bookings.BookingStore(MyBookings(database), MySales(database), MyOutbox(database))

Run it with pytest or with `python -m unittest`. `new` gives empty stores, every time; a suite that needs several
ports says so with a small class of its own module (BookingStore, TicketStore, Log …), and all of them stand on one
database. What an adapter can beyond that it declares by class attributes, and no suite asks for its name:

    durable = True   and `async def reopen(self, under)`: close everything, open it again as after a restart
    shared  = True   and `async def beside(self, under)`: more ports on the same data, as another process has them

Import the module, not the class, and unittest does not take the suite itself for a test.
"""
