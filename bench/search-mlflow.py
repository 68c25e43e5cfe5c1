"""Times searches by MLflow's own store: search-mlflow.py <JSON>; prints {name: {"ids": [...], "times": [CPU ms]}}."""

import json
import sys
import time

from mlflow.entities import ViewType
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore


def repeat(fn):
    ids, times = fn(), []
    for _ in range(3):
        start = time.process_time()
        ids = fn()
        times.append((time.process_time() - start) * 1000)
    return {"ids": ids, "times": times}


def main():
    order = json.loads(sys.argv[1])
    store = SqlAlchemyStore(order["uri"], "mlruns")

    def search(shape):
        ids, text, order_by = shape["experimentIds"], shape.get("filter"), shape.get("orderBy")
        found = store.search_runs(ids, text, ViewType.ACTIVE_ONLY, order["page"], order_by)
        return [it.info.run_id for it in found]

    def sample():
        found = store.get_metric_history_bulk_interval(["long"], "curve", order["sample"], None, None)
        return [it.step for it in found]

    times = {name: repeat(lambda: search(shape)) for name, shape in order["shapes"].items()}
    print(json.dumps({**times, "sample": repeat(sample)}))


main()
