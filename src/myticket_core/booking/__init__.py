"""예매: a buyer books a ticket; an unpaid booking is never established."""
