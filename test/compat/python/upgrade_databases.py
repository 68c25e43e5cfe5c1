"""Upgrades databases to the newest revision, as `mlflow db upgrade` does: upgrade_databases.py <URI> ..."""

import sys

from mlflow.store.db.utils import _upgrade_db, create_sqlalchemy_engine

for uri in sys.argv[1:]:
    _upgrade_db(create_sqlalchemy_engine(uri))
