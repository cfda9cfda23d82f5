"""The my-page service: R8, N4. It reads the log and its own documents, nothing else."""

from __future__ import annotations

from dependency_injector.providers import Dict, List, Object, Singleton

from adapters.persistence import SqlPages, SqlProjection, SqlViews
from adapters.rest import MypageApi
from apps.service import Service
from apps.telling import in_case
from apps.workers import reacting
from myticket_core.mypage.browse import BrowsePages
from myticket_core.mypage.policies import WHENEVER
from myticket_core.mypage.project import Project, ProjectPages
from myticket_core.mypage.rebuild import RebuildPages
from myticket_core.reacting import Consumer, Replay


class MypageService(Service):
    api = Singleton(MypageApi, Singleton(BrowsePages, Singleton(SqlPages, Service.database)))

    project = Singleton(ProjectPages, Singleton(SqlProjection, Service.database))
    consumer = Singleton(Consumer, "mypage", Object(WHENEVER), Dict({Project: Singleton(in_case, project)}))
    replay = Singleton(Replay, consumer, Service.parking)
    views = Singleton(SqlViews, Service.database)
    rebuild = Singleton(
        RebuildPages,
        views,
        Service.log.provided.reader.call("mypage-rebuild"),
        Service.together,
    )
    workers = List(
        Singleton(reacting, consumer, Service.log.provided.reader.call("mypage"), Service.parking, Service.clock)
    )
