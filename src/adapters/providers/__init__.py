"""Who moves the money."""

from adapters.providers.sandbox import Sandbox, charges

__all__ = ["Sandbox", "charges"]
