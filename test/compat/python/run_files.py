"""Reads by MLflow's own client what a run's files hold, then writes more for the other side to read."""

import json
import math
import sys

import mlflow
from mlflow import MlflowClient
from PIL import Image

uri, run_id = sys.argv[1:]
mlflow.set_tracking_uri(uri)
client = MlflowClient()


def pixels(path):
    with Image.open(client.download_artifacts(run_id, path)) as image:
        image.load()
        return {"format": image.format, "mode": image.mode, "size": image.size, "first": image.getpixel((0, 0))}


def plain(value):
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def rows(frame):
    return [{key: plain(value) for key, value in row.items()} for row in frame.to_dict(orient="records")]


def paths(folder=None):
    return [file.path for file in client.list_artifacts(run_id, folder)]


table = mlflow.load_table("tables/eval.json", extra_columns=["run_id"])
images = {path: pixels(path) for path in paths("images")}
cells = mlflow.load_table("pictures.json")["image"].tolist()
runs = mlflow.search_runs(experiment_ids=["0"], order_by=["start_time ASC"])
model = mlflow.search_logged_models(output_format="list")[0]
spec = mlflow.models.Model.load(model.artifact_location)

found = {
    "table": rows(table),
    "images": images,
    "grey": pixels("grey.png"),
    "webp": pixels("drawn.webp"),
    "cells": [pixels(cell["filepath"]) for cell in cells] + [pixels(cell["compressed_filepath"]) for cell in cells],
    "runColumns": sorted(runs.columns),
    "tags": client.get_run(run_id).data.tags,
    "external": {"metadata": spec.metadata, "modelId": spec.model_id, "signature": str(spec.signature)},
}

client.log_table(run_id, {"a": [3], "note": ["by Python"]}, "tables/eval.json")
client.log_table(run_id, {"x": [1.5, 2.5], "y": ["a", None]}, "python.json")
client.log_image(run_id, Image.new("RGB", (20, 10), (1, 2, 3)), key="python/image", step=7, timestamp=1000)
print(json.dumps(found))
