"""Walks searches to their end by MLflow's own store: search.py <JSON file>

The file is {"uri": tracking URI, "experimentIds": [text], "cases": [search], "series": {"runId", "key", "samples":
[{"maxResults", "startStep", "endStep"}]}}; it prints the ids of each search, or the error that refuses it, and the
points of the series: its history and its samples.
"""

import json
import sys

from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore


def walk(store, ids, case):
    found, token = [], None
    while True:
        page = search(store, ids, case, token)
        found += [id_of(it) for it in page]
        token = page.token
        if not token:
            return found


def search(store, ids, case, token):
    size, order_by, filter_string = case["maxResults"], case["orderBy"], case["filter"]
    view = ViewType.from_string(case["viewType"].lower())
    if case["of"] == "experiments":
        return store.search_experiments(view, size, filter_string, order_by, token)
    if case["of"] == "runs":
        return store.search_runs(ids, filter_string, view, size, order_by, token)
    if case["of"] == "models":
        datasets = [
            {"dataset_name": it["datasetName"], "dataset_digest": it["datasetDigest"]} for it in case["datasets"]
        ]
        fields = [text.split(" ") for text in order_by]
        order = [{"field_name": name, "ascending": direction == "ASC"} for name, direction in fields]
        return store.search_logged_models(ids, filter_string or None, datasets or None, size, order or None, token)
    return Page(*store.search_traces(ids, filter_string, size, order_by, token))


class Page(list):
    def __init__(self, items, token):
        super().__init__(items)
        self.token = token


def id_of(entity):
    for name in ("trace_id", "model_id", "experiment_id"):
        if hasattr(entity, name):
            return getattr(entity, name)
    return entity.info.run_id


def read_series(store, runId, key, samples):
    history, token = [], None
    while True:
        page = store.get_metric_history(runId, key, max_results=100, page_token=token)
        history += [point(it) for it in page]
        token = page.token
        if not token:
            break
    return {"history": history, "samples": [sample(store, runId, key, it) for it in samples]}


def sample(store, run_id, key, order):
    steps = order.get("startStep"), order.get("endStep")
    found = store.get_metric_history_bulk_interval([run_id], key, order["maxResults"], *steps)
    return [point(it) for it in found]


def point(metric):
    return [metric.step, metric.timestamp, str(metric.value) if metric.value != metric.value else metric.value]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        order = json.load(file)
    store = SqlAlchemyStore(order["uri"], "mlruns")
    results = []
    for case in order["cases"]:
        try:
            results.append(walk(store, order["experimentIds"], case))
        except MlflowException as error:
            results.append(str(error))
    print(json.dumps({"found": results, **read_series(store, **order["series"])}))


main()
