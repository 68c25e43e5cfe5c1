# Run as `python log-batch.py <tracking URI> <points>`: prints points per second of MLflow's own store, by its largest batches.
import sys
import time

from mlflow import MlflowClient
from mlflow.entities import Metric

uri, points = sys.argv[1], int(sys.argv[2])
client = MlflowClient(uri)
run_id = client.create_run("0").info.run_id
metrics = [Metric(f"metric_{i % 10}", i / 3, 1_700_000_000_000 + i, i // 10) for i in range(points)]
client.log_batch(run_id, metrics=metrics[:1000])
began = time.perf_counter()
for start in range(1000, points, 1000):
    client.log_batch(run_id, metrics=metrics[start : start + 1000])
print((points - 1000) / (time.perf_counter() - began))
