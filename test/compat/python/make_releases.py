"""Makes databases as MLflow's releases left them: make_releases.py <folder> <revision> ..., oldest first."""

import pathlib
import shutil
import sys

from migrate import migrate

from mlflow.store.db.utils import create_sqlalchemy_engine
from mlflow.store.tracking.dbmodels.initial_models import Base


def make_releases(folder, revisions):
    file = folder / "work.db"
    uri = f"sqlite:///{file}"
    engine = create_sqlalchemy_engine(uri)
    Base.metadata.create_all(engine)
    for revision in revisions:
        migrate(engine, uri, revision)
        engine.dispose()
        shutil.copy(file, folder / f"{revision}.db")


make_releases(pathlib.Path(sys.argv[1]), sys.argv[2:])
