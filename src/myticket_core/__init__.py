"""myticket's business: five contexts (ticket, booking, payment, notification, mypage) behind ports.

Standard library and attrs only: no IO, no clock, no randomness. Everything from outside comes through the
protocols in `ports` and in each context's `ports`; `conformance` holds the suites an adapter has to pass.
"""
