"""REST: Litestar in front of the use cases; HAL, problems, tokens, and a description that is made of what is served."""

from adapters.rest.addresses import Senders
from adapters.rest.app import create_app
from adapters.rest.auth import Tokens, TokenVerifier, TrustedMesh
from adapters.rest.books import BookingApi
from adapters.rest.development import DevelopmentIssuer, jwks_route
from adapters.rest.door import RestApp
from adapters.rest.limits import Buckets, Limits
from adapters.rest.metrics import Metrics
from adapters.rest.mypages import MypageApi
from adapters.rest.notifications import NotificationApi
from adapters.rest.patience import Patience
from adapters.rest.payments import PaymentApi
from adapters.rest.probes import Probes
from adapters.rest.streams import Live
from adapters.rest.tickets import TicketApi

__all__ = [
    "BookingApi",
    "Buckets",
    "DevelopmentIssuer",
    "Limits",
    "Live",
    "Metrics",
    "MypageApi",
    "NotificationApi",
    "Patience",
    "PaymentApi",
    "Probes",
    "RestApp",
    "Senders",
    "TicketApi",
    "TokenVerifier",
    "Tokens",
    "TrustedMesh",
    "create_app",
    "jwks_route",
]
