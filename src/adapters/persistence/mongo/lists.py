"""A page of a list, and how long the list is: one question, where the list ends not far behind the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.persistence.mongo.documents import AnyPage, Kind
from adapters.persistence.mongo.store import Documents
from myticket_core.paging import Page, Paging

BEHIND: Final = 100
"""Documents that are looked at behind a page, and not sent, so that few lists need a question that counts them."""


async def page_of(documents: Documents, kind: Kind[AnyPage], which: Mapping[str, Any], paging: Paging) -> Page[AnyPage]:
    """Raises Invalid for a sort, Unavailable."""
    collection, looked_at = documents.collection(kind.collection), paging.size + BEHIND
    found = await documents.ask(collection.aggregate(_part(which, kind.order(paging), paging, looked_at)).to_list(None))
    number = found[0]["all"][0]["number"] if found else 0
    ended = 0 < number < looked_at or number == paging.offset == 0
    total = paging.offset + number if ended else await documents.ask(collection.count_documents(which))
    return Page([kind.page(document["page"]) for document in found], total, paging)


def _part(
    which: Mapping[str, Any], order: Sequence[tuple[str, int]], paging: Paging, looked_at: int
) -> list[dict[str, Any]]:
    """The pipeline that gives each document of the page with the number of `all` that it looked at.

    It reads no more than these where an index has the order. One document with the whole page could pass 16 MB.
    """
    return [
        {"$match": which},
        {"$sort": dict(order)},
        {"$skip": paging.offset},
        {"$limit": looked_at},
        {"$facet": {"page": [{"$limit": paging.size}], "all": [{"$count": "number"}]}},
        {"$unwind": "$page"},
    ]
