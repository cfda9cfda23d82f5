"""`myticket`, which is also `python -m apps`: where only the core is installed, it says how to have the rest."""

from __future__ import annotations

import sys

from apps.failures import told


def main() -> None:
    try:
        from apps.cli import main as run
    except ModuleNotFoundError as missing:
        message = told(missing)
        if message is None:
            raise
        sys.exit(f"myticket: {message}")
    run()


if __name__ == "__main__":
    main()
