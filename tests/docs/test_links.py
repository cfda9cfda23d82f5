"""Every link of a page leads somewhere, and every page is led to."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "k8s").glob("*.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def links(page: Path) -> Iterator[tuple[str, Path, str]]:
    """As it is written, where it leads, and to which heading there."""
    for found in LINK.finditer(page.read_text(encoding="utf-8")):
        yield found[0], (page.parent / found[1]).resolve() if found[1] else page, found[2] or ""


def headings(page: Path) -> set[str]:
    """By the names that GitHub gives them."""
    said = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-") for text in said}


def test_every_link_leads_somewhere():
    all_of_them = [(page, *link) for page in PAGES for link in links(page)]
    assert len(all_of_them) > 50
    lost = [(page.name, said) for page, said, place, _ in all_of_them if not place.exists()]
    lost += [(page.name, said) for page, said, place, at in all_of_them if at and at not in headings(place)]
    assert lost == []


def test_the_readme_names_every_page():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"docs/{page.name}" not in readme] == []
