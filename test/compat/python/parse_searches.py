"""Parses the searches of a JSON file as MLflow's store does: prints, for each one, its clauses or keys, or null where
MLflow refuses it or fails."""

import json
import math
import sys

import sqlalchemy.orm
from mlflow.store.tracking import sqlalchemy_store as store
from mlflow.store.tracking.dbmodels.models import SqlLoggedModel, SqlTraceInfo
from mlflow.utils.search_logged_model_utils import parse_filter_string
from mlflow.utils.search_utils import SearchExperimentsUtils, SearchTraceUtils, SearchUtils

DIALECT = "sqlite"
SESSION = sqlalchemy.orm.Session()
LOGGED_MODEL_COLUMNS = {column.key for column in SqlLoggedModel.__table__.columns}


def experiments_filter(text):
    parsed = SearchExperimentsUtils.parse_search_filter(text)
    store._get_search_experiments_filter_clauses(parsed, DIALECT)
    return [clause(it["type"], it["key"], it["comparator"], it["value"]) for it in parsed]


def runs_filter(text):
    parsed = SearchUtils.parse_search_filter(text)
    store._get_sqlalchemy_filter_clauses(parsed, SESSION, DIALECT)
    return [
        clause(
            it["type"],
            SearchUtils.translate_key_alias(it["key"]),
            it["comparator"],
            float(it["value"]) if it["type"] == "metric" else it["value"],
        )
        for it in parsed
    ]


def logged_models_filter(text):
    return [logged_model_clause(it) for it in parse_filter_string(text)]


def logged_model_clause(it):
    kind = it.entity.type.value[:-1]
    if kind == "attribute" and it.entity.key not in LOGGED_MODEL_COLUMNS:
        raise AttributeError(it.entity.key)
    return clause(kind, it.entity.key, it.op, it.value)


def traces_filter(text):
    traces = SESSION.query(SqlTraceInfo)
    store._get_filter_clauses_for_search_traces(text, SESSION, DIALECT, traces)
    parsed = SearchTraceUtils.parse_search_filter_for_search_traces(text)
    return [clause(it["type"], it["key"], it["comparator"], it["value"]) for it in parsed]


def experiments_order(text):
    store._get_search_experiments_order_by_clauses([text])
    return SearchExperimentsUtils.parse_order_by_for_search_experiments(text)


def runs_order(text):
    store._get_orderby_clauses([text], SESSION)
    kind, key, ascending = SearchUtils.parse_order_by_for_search_runs(text)
    return kind, SearchUtils.translate_key_alias(key), ascending


def traces_order(text):
    store._get_orderby_clauses_for_search_traces([text], SESSION)
    return SearchTraceUtils.parse_order_by_for_search_traces(text)


def logged_models_order(order):
    models = SESSION.query(SqlLoggedModel)
    store.SqlAlchemyStore._apply_order_by_search_logged_models(None, models, SESSION, [order])
    name = order["field_name"]
    if "." in name:
        return "metric", name.split(".", 1)[1], order.get("ascending", True)
    name = SqlLoggedModel.ALIASES.get(name, name)
    if name not in LOGGED_MODEL_COLUMNS:
        raise AttributeError(name)
    return "attribute", name, order.get("ascending", True)


def clause(kind, key, comparator, value):
    comparator = comparator.upper()
    is_list = isinstance(value, tuple)
    if is_list != (comparator in ("IN", "NOT IN")) or (is_list and not all(isinstance(it, str) for it in value)):
        raise TypeError("no database takes this value")
    if isinstance(value, float) and not math.isfinite(value):
        value = repr(value)
    return {"entity": kind, "key": key, "comparator": comparator, "value": list(value) if is_list else value}


def parse(subject, part, text):
    try:
        return globals()[f"{subject}_{part}"](text)
    except Exception:
        return None


with open(sys.argv[1], encoding="utf-8") as file:
    print(json.dumps([parse(*search) for search in json.load(file)]))
