"""Lists the public names of MLflow for tracking and tracing, and the keys of its system metrics."""

import json
import re
from pathlib import Path

import mlflow
import mlflow.tracing
from mlflow import MlflowClient

functions = [f"mlflow.{name}" for name in mlflow.__all__]
functions += [f"MlflowClient.{name}" for name in dir(MlflowClient) if not name.startswith("_")]
functions += [f"mlflow.tracing.{name}" for name in mlflow.tracing.__all__]

# Read as text: importing them needs psutil. AMD's monitor repeats keys of NVIDIA's.
folder = Path(mlflow.__file__).parent / "system_metrics" / "metrics"
sources = "".join((folder / f"{name}_monitor.py").read_text() for name in ("cpu", "disk", "network", "gpu"))
keys = re.findall(r'self\._metrics\[\s*f?"([^"]+)"\s*\]', sources)

print(json.dumps({"functions": sorted(set(functions)), "systemMetrics": sorted(set(keys))}))
