"""The my-page service: R8, N4. It reads the log and its own documents, nothing else."""

from __future__ import annotations

from typing import Any

from dependency_injector.providers import Dependency, Dict, List, Object, Singleton

from adapters.persistence import Database, SqlChanges, SqlPages, SqlProjection, SqlViews
from adapters.system import Bells
from apps.service import Service, reacts, rest
from apps.telling import in_case
from myticket_core.mypage.browse import BrowsePages
from myticket_core.mypage.catch_up import CatchUp, RingingProjection
from myticket_core.mypage.policies import WHENEVER
from myticket_core.mypage.ports import Changes, Pages, Projection, Views
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.mypage.rebuild import RebuildPages
from myticket_core.ports import Owners
from myticket_core.reacting import Consumer, Replay


class MypageService(Service):
    pages: Dependency[Pages] = Dependency()
    projection: Dependency[Projection] = Dependency()
    views: Dependency[Views] = Dependency()
    changes: Dependency[Changes] = Dependency()
    bells = Singleton(Bells, Service.settings.provided.read_wait_seconds)
    live = Singleton(rest("Live"), changes, bells.provided.any)
    api = Singleton(rest("MypageApi"), Singleton(BrowsePages, pages), Singleton(CatchUp, pages, bells), live)

    owners: Dependency[Owners | None] = Dependency()
    project = Singleton(ProjectPages, Singleton(RingingProjection, projection, bells), owners)
    handlers = Dict({Project: Singleton(in_case, project)})
    consumer = Singleton(Consumer, "mypage", Object(WHENEVER), handlers, at_once=project.provided.all)
    replay = Singleton(Replay, consumer, Service.parking)
    rebuild = Singleton(
        RebuildPages,
        views,
        Service.log.provided.history.call(),
        Service.clock,
        Service.together,
        owners=owners,
        pages=pages,
    )
    workers = List(reacts("mypage", consumer))


def sql_pages(database: Database) -> dict[str, Any]:
    """What MypageService needs beside the rest, in tables."""
    return {
        "pages": SqlPages(database),
        "projection": SqlProjection(database),
        "views": SqlViews(database),
        "changes": SqlChanges(database),
    }


def document_pages(documents: Any) -> dict[str, Any]:
    """The same in documents of MongoDB."""
    from adapters.persistence.mongo import MongoChanges, MongoPages, MongoProjection, MongoViews

    return {
        "pages": MongoPages(documents),
        "projection": MongoProjection(documents),
        "views": MongoViews(documents),
        "changes": MongoChanges(documents),
    }
