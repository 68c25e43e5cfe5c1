"""Compares what MLflow's migrations and given statements make on SQL Server, without a server.

Each migration is compiled to SQL Server's statements. Where it looks at the database, it sees a PostgreSQL database
that all migrations before it have been run on. What the statements come to is then put together, table by table.

Arguments: URI of an empty PostgreSQL database, revision, JSON file with the list of statements to compare.
Prints JSON: what MLflow makes and what the given statements make.
"""

import io
import json
import re
import sys

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from migrate import migrate
from sqlalchemy import inspection, orm
from sqlalchemy.engine.mock import MockConnection

from mlflow.store.db.utils import _get_alembic_config, create_sqlalchemy_engine
from mlflow.store.tracking.dbmodels.initial_models import Base


def compile_migrations(uri, last_revision):
    shadow = create_sqlalchemy_engine(uri)
    inspection._inspects(MockConnection)(lambda _: sa.inspect(shadow))
    session = orm.Session
    orm.Session = lambda bind: session(bind=shadow)

    statements = []
    mock = sa.create_mock_engine(
        "mssql+pyodbc://", lambda sql, *_, **__: statements.append(str(sql.compile(dialect=mock.dialect)))
    )
    Base.metadata.create_all(mock, checkfirst=False)
    Base.metadata.create_all(shadow)
    script = ScriptDirectory.from_config(_get_alembic_config(uri))
    for revision in reversed(list(script.iterate_revisions(last_revision, "base"))):
        buffer = io.StringIO()
        options = {"as_sql": True, "output_buffer": buffer, "literal_binds": True, "script": script}
        context = MigrationContext.configure(dialect_name="mssql", opts=options)
        context.dialect.deprecate_large_types = True  # as on every SQL Server since 2012
        with Operations.context(context):
            revision.module.upgrade()
        statements += re.split(r"^GO$", buffer.getvalue(), flags=re.M)
        migrate(shadow, uri, revision.revision)
    return statements


class Tables:
    def __init__(self):
        self.columns = {}
        self.constraints = {}
        self.indexes = {}

    def run(self, statement):
        sql = " ".join(re.sub(r"\[(\w+)\]", r'"\1"', statement).split()).rstrip("; ")
        for pattern, action in self.ACTIONS:
            if match := re.fullmatch(pattern, sql):
                return action(self, *match.groups())
        if re.match(r"(CREATE TABLE|ALTER|DROP|EXEC|CREATE (UNIQUE )?INDEX)\b", sql):
            raise ValueError(f"cannot follow: {sql}")

    def create_table(self, table, body):
        self.columns[table] = {}
        self.constraints[table] = []
        for definition in split(body):
            if re.match(r"(CONSTRAINT|FOREIGN|UNIQUE|CHECK|PRIMARY)\b", definition):
                self.add_constraint(table, definition)
            else:
                self.add_column(table, definition)
        # PostgreSQL makes no UNIQUE that repeats the primary key, so the migration that drops it finds none here.
        keys = {text[text.index("PRIMARY KEY") + 11 :] for text in self.constraints[table] if "PRIMARY KEY" in text}
        self.constraints[table] = [text for text in self.constraints[table] if text.removeprefix("UNIQUE") not in keys]

    def add_column(self, table, definition):
        name, rest = re.fullmatch(r'"?(\w+)"? (.*)', definition).groups()
        self.columns[table][name] = column(rest)

    def alter_column(self, table, name, rest):
        kept = {key: value for key, value in self.columns[table][name].items() if key in ("default", "identity")}
        self.columns[table][name] = column(rest) | kept

    def rename_column(self, table, name, new_name):
        self.columns[table][new_name] = self.columns[table].pop(name)

    def add_constraint(self, table, definition):
        definition = re.sub(r"CONSTRAINT (status|\w+_name_key|None) ", "", definition)
        definition = definition.replace("ON DELETE cascade", "ON DELETE CASCADE").replace('"', "")
        self.constraints[table].append(re.sub(r" ?\( ?", "(", definition))

    def drop_constraint(self, table, name):
        kept = [text for text in self.constraints[table] if not text.startswith(f"CONSTRAINT {name} ")]
        if len(kept) == len(self.constraints[table]):
            # One without a name: the migration finds out what SQL Server called it.
            kept = [text for text in kept if not is_meant(text, table, name)]
        if len(kept) + 1 != len(self.constraints[table]):
            raise ValueError(f"no constraint {name} of {table} in {self.constraints[table]}")
        self.constraints[table] = kept

    def create_index(self, unique, name, table, columns):
        self.indexes[name] = f"{unique or ''}{table} {columns}".replace('"', "")

    def drop_index(self, name, _table):
        del self.indexes[name]

    ACTIONS = [
        (r"CREATE TABLE (\w+) \((.*)\)", create_table),
        (r"ALTER TABLE (\w+) ALTER COLUMN \"?(\w+)\"? (.*)", alter_column),
        (r"ALTER TABLE (\w+) ADD ((?:CONSTRAINT|FOREIGN|UNIQUE|CHECK|PRIMARY)\b.*)", add_constraint),
        (r"ALTER TABLE (\w+) ADD (.*)", add_column),
        (r"ALTER TABLE (\w+) DROP CONSTRAINT (\w+)", drop_constraint),
        (r"EXEC sp_rename '(\w+)\.(\w+)', (\w+), 'COLUMN'", rename_column),
        (r"CREATE (UNIQUE )?INDEX (\w+) ON (\w+) (\(.*\))", create_index),
        (r"DROP INDEX (\w+) ON (\w+)", drop_index),
    ]

    def to_dict(self):
        tables = {
            table: {"columns": columns, "constraints": sorted(self.constraints[table])}
            for table, columns in self.columns.items()
            if table != "alembic_version"
        }
        return {"tables": tables, "indexes": self.indexes}


def split(body):
    return [part.strip() for part in re.split(r",(?![^(]*\))(?![^()]*\)\))", body)]


def column(rest):
    result = {"null": "NOT NULL" not in rest}
    rest = rest.replace("FLOAT(53)", "FLOAT")
    if computed := re.match(r"AS (\(.*\)) PERSISTED", rest):
        return result | {"computed": computed.group(1)}
    if default := re.search(r"DEFAULT ('\w+')", rest):
        result["default"] = default.group(1)
    if "IDENTITY" in rest:
        result["identity"] = True
    return result | {"type": re.match(r"\w+(\(\w+\))?", rest).group(0)}


def is_meant(text, table, name):
    """Whether PostgreSQL would call a constraint without a name so."""
    if text.startswith("UNIQUE(") and name.endswith("_key"):
        return name == f"{table}_{text[7:-1]}_key"
    if text.startswith("CHECK(") and name == "status":
        return "status IN" in text
    return text.startswith("FOREIGN KEY(") and name.endswith("fkey")


def state(statements):
    tables = Tables()
    for statement in statements:
        for part in re.split(r";\s*$|;\n", statement, flags=re.M):
            if part.strip():
                tables.run(part)
    return tables.to_dict()


def main(uri, revision, file):
    with open(file) as opened:
        given = json.load(opened)
    print(json.dumps({"mlflow": state(compile_migrations(uri, revision)), "given": state(given)}))


if __name__ == "__main__":
    main(*sys.argv[1:4])
