"""Many seeds on two processes: `python -m tests.stateful.simulate --seeds 10000`; one again: `--seed 4711 -v`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from multiprocessing import get_context
from time import monotonic

from tests.stateful.play import Play, Played, play

PROCESSES = 2


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.stateful.simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("-v", "--verbose", action="store_true", help="with --seed: what is done, and when")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        return one(chosen.seed, chosen.verbose)
    return many(range(chosen.first, chosen.first + chosen.seeds))


def one(seed: int, verbose: bool) -> int:
    played = Play(seed, print if verbose else lambda _: None).run()
    print(described(played))
    return 1 if played.violations else 0


def many(seeds: range) -> int:
    with get_context("spawn").Pool(PROCESSES) as pool:
        return counted(pool.imap_unordered(play, seeds, chunksize=20), len(seeds))


def counted(all_played: Iterable[Played], seeds: int) -> int:
    begin, done, failed, bookings, faults = monotonic(), 0, 0, 0, 0
    for played in all_played:
        done, bookings, faults = done + 1, bookings + played.bookings, faults + played.faults
        if played.violations:
            failed += 1
            print(f"\n{described(played)}", flush=True)
        if done % 20 == 0 or done == seeds:
            shown(done, seeds, failed, monotonic() - begin)
    spent = monotonic() - begin
    told = f"{bookings} bookings, {faults} faults, {1000 * spent / max(1, done):.0f} ms a seed"
    print(f"\n{done} seeds in {spent:.0f} s ({told}): {failed} with violations")
    return 1 if failed else 0


def shown(done: int, seeds: int, failed: int, spent: float) -> None:
    """Progress, in one line on a terminal and rarely elsewhere."""
    line = f"{done} of {seeds} seeds, {failed} with violations, {spent / done * (seeds - done):.0f} s left"
    if sys.stdout.isatty():
        print(f"\r{line}   ", end="", flush=True)
    elif done % 1000 == 0:
        print(line, flush=True)


def described(played: Played) -> str:
    if not played.violations:
        return (
            f"seed {played.seed}: {played.doings} doings, {played.faults} faults, {played.bookings} bookings, all well"
        )
    lines = [f"seed {played.seed} violates"]
    lines += [f"  invariant {it.invariant}: {it.what} {it.ids or ''}".rstrip() for it in played.violations]
    return "\n".join([*lines, f"  replay it: python -m tests.stateful.simulate --seed {played.seed} -v"])


if __name__ == "__main__":
    sys.exit(main())
