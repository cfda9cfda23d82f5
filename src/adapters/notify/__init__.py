"""Ways to reach people."""

from adapters.notify.in_app import InApp

__all__ = ["InApp"]
