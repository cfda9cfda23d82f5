"""My page's pages in MongoDB, or any server that speaks its protocol: plain documents, no transactions."""

from adapters.persistence.mongo.audit import read_pages
from adapters.persistence.mongo.changes import MongoChanges
from adapters.persistence.mongo.migration import migrate_documents
from adapters.persistence.mongo.pages import MongoPages
from adapters.persistence.mongo.parking import MongoParking
from adapters.persistence.mongo.projection import MongoProjection
from adapters.persistence.mongo.store import Documents
from adapters.persistence.mongo.views import MongoViews

__all__ = [
    "Documents",
    "MongoChanges",
    "MongoPages",
    "MongoParking",
    "MongoProjection",
    "MongoViews",
    "migrate_documents",
    "read_pages",
]
