"""Makes MLflow's tables in an empty database, by MLflow's own migrations, up to a revision ("heads" for all)."""

import sys

from alembic import command

from mlflow.store.db.utils import _get_alembic_config, create_sqlalchemy_engine
from mlflow.store.tracking.dbmodels.initial_models import Base


def migrate(engine, uri, revision):
    config = _get_alembic_config(uri)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def main(uri, revision):
    engine = create_sqlalchemy_engine(uri)
    Base.metadata.create_all(engine)
    migrate(engine, uri, revision)


if __name__ == "__main__":
    main(*sys.argv[1:3])
