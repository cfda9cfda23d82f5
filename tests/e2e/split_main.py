"""Some of the services in one process: `python -m tests.e2e.split_main DATA PORT SERVICE,SERVICE`."""

import sys

from apps.cli_common import run, settings_of
from apps.embedded import run as work


def main() -> None:
    data, port, services = sys.argv[1:]
    settings = settings_of(data, port)
    run(settings, work(settings, "127.0.0.1", services.split(","), print))


if __name__ == "__main__":
    main()
