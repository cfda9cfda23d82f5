"""Which faults happen: a profile drawn from the seed, so that some runs know a fault well and others not at all."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")

RATES = {
    "crash": 0.004,  # at each point: kill -9
    "stop": 0.001,  # at each point: SIGSTOP, SIGCONT later
    "store down": 0.01,  # before a write or read: certainly nothing happened
    "store broken": 0.02,  # the same, but it does not say so; twice in a row parks an event
    "store lost": 0.01,  # after a write: it happened, and nobody is told
    "publish refused": 0.05,
    "publish torn": 0.05,  # some are in, and an error
    "publish lost": 0.05,  # all are in, and an error
    "publish echo": 0.08,  # they come once more, much later
    "provider down": 0.05,
    "charge lost": 0.15,  # charged, and the answer is lost
    "charge late": 0.15,  # no answer, and charged later
    "refund lost": 0.10,
    "refund pending": 0.20,
    "refund fails": 0.15,  # until an operator has it made again
    "channel down": 0.10,
    "pay unreachable": 0.10,
    "pay request lost": 0.05,
    "pay request late": 0.15,
    "pay answer lost": 0.10,
    "answer lost": 0.10,  # a client never hears
    "slow": 0.05,  # a step takes long
}


class Chance:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.rates = {name: rate * random.choice((0, 0, 1, 1, 3)) for name, rate in RATES.items()}
        self.healed = False
        self.happened: dict[str, int] = dict.fromkeys(RATES, 0)

    def of(self, fault: str) -> bool:
        rate = self.rates[fault]
        if self.healed or not rate or self.random.random() >= rate:
            return False
        self.happened[fault] += 1
        return True

    def one(self, items: Sequence[Item]) -> Item:
        return items[int(self.random.random() * len(items))]

    def seconds(self, least: float, most: float) -> float:
        return least + self.random.random() * (most - least)
