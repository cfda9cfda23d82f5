"""What the demo prints: acts, requests with their answers, and the list of requirements it has shown."""

from __future__ import annotations

import json
from typing import Any

from attrs import define, field
from rich.console import Console
from rich.markup import escape
from rich.table import Table

REQUIREMENTS = {
    "R1": "주최사가 티켓을 등록한다 · an organizer registers a ticket",
    "R2": "주최사가 티켓을 삭제한다 · an organizer deletes a ticket",
    "R3": "구매자가 티켓을 검색한다 · a buyer searches tickets",
    "R4": "구매자가 티켓을 예매한다 · a buyer books a ticket",
    "R5": "구매자가 결제한다 (Sync) · payment is asked synchronously",
    "R6": "결제 내용을 구매자에게 알린다 · the buyer is told of the payment",
    "R7": "예매 내역을 주최사에게 전달한다 · the booking reaches the organizer",
    "R8": "구매자가 예매 내용·상태를 조회한다 · a buyer sees their bookings",
    "R9": "구매자가 예매를 취소한다 · a buyer cancels a booking",
    "R10": "예매가 취소되면 결제를 취소한다 · a cancel cancels the payment",
    "R11": "결제 취소를 구매자에게 알린다 · the buyer is told of the refund",
    "R12": "티켓이 삭제되면 예매도 취소된다 · deleting a ticket cancels its bookings",
    "R13": "티켓 생성·삭제를 주최사에게 알린다 · the organizer is told of tickets",
    "N1": "결제되지 않은 예매는 성립되지 않는다 · an unpaid booking is never established",
    "N2": "알림이 멈춰도 예매는 계속된다 · booking goes on without notification",
    "N3": "결제가 과중되면 잠시 후 결제한다 · pay a little later",
    "N4": "마이페이지에서 상태를 확인한다 · my page shows the state",
}


class Unexpected(Exception):
    """The system did something else than the scenario says."""


@define
class Teller:
    """Prints, and keeps what each requirement was shown with."""

    console: Console
    shown: dict[str, str] = field(factory=dict)

    def act(self, number: int, korean: str, english: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{number}. {korean} · {english}", align="left")

    def say(self, korean: str, english: str) -> None:
        self.console.print(f"{korean}\n[dim]{english}[/dim]")

    def request(self, who: str, method: str, path: str, body: Any, status: int, answer: Any) -> None:
        sent = "" if body is None else " " + json.dumps(body, ensure_ascii=False)
        colour = "green" if status < 300 else "yellow" if status < 500 else "magenta"
        self.console.print(f"  [cyan]{who}[/cyan] {method} {escape(path)}{escape(sent)}")
        self.console.print(f"    → [{colour}]{status}[/{colour}] {escape(_short(answer))}")

    def sees(self, who: str, lines: list[str]) -> None:
        for line in lines:
            self.console.print(f"    [cyan]{who}[/cyan] ▸ {escape(line)}")

    def show(self, requirement: str, evidence: str) -> None:
        """`requirement` has been seen, with these data."""
        self.shown.setdefault(requirement, evidence)
        self.console.print(f"    [bold green]✓ {requirement}[/bold green] {escape(evidence)}")

    def summary(self) -> bool:
        """The list of requirements with what showed each; whether all were shown."""
        table = Table(title="시나리오 · the scenario", show_lines=False)
        for heading in ("", "요구사항 · requirement", "보인 것 · shown with"):
            table.add_column(heading)
        for id, words in REQUIREMENTS.items():
            table.add_row(id if id in self.shown else f"[red]{id} ✗", words, escape(self.shown.get(id, "not shown")))
        self.console.print()
        self.console.print(table)
        return self.shown.keys() == REQUIREMENTS.keys()


_LINKS = ("_links", "_embedded", "timestamp", "path", "error", "message", "type", "instance")


def _short(answer: Any) -> str:
    """The members that tell the story."""
    if not isinstance(answer, dict):
        return ""
    members = {name: value for name, value in answer.items() if name not in _LINKS and value is not None}
    return json.dumps(members, ensure_ascii=False)
