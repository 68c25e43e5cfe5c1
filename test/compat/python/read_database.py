"""Reads all that databases hold as MLflow's own client finds it: read_database.py <JSON> ...

Each JSON is {"uri": tracking URI, "searches": {name: {"of": "runs" or "traces", "filter": text, "order_by": [text]}}}.
"""

import json
import sys

import mlflow
from mlflow.data.dataset_source_registry import get_dataset_source_from_json
from mlflow.data.schema import TensorDatasetSchema
from mlflow.models import Model
from mlflow.types.schema import Schema
from wire import artifact, experiment, inputs_in_order, logged_model, metric, print_json, run, trace


def read_database(uri, searches):
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiments = client.search_experiments()
    ids = [it.experiment_id for it in experiments]
    runs = [read_run(client, it.info.run_id) for it in client.search_runs(ids)]
    return {
        "experiments": [experiment(it) for it in experiments],
        "runs": runs,
        "models": [read_model(client, it.model_id) for it in client.search_logged_models(ids)],
        "traces": [read_trace(client, it) for it in client.search_traces(locations=ids)],
        "found": {name: search(client, ids, **it) for name, it in searches.items()},
    }


def search(client, experiment_ids, of, filter, order_by=None):
    if of == "runs":
        return [it.info.run_id for it in client.search_runs(experiment_ids, filter, order_by=order_by)]
    found = client.search_traces(locations=experiment_ids, filter_string=filter, order_by=order_by)
    return [it.info.trace_id for it in found]


def read_run(client, run_id):
    entity = client.get_run(run_id)
    fields = run(entity)
    keys = entity.data.metrics
    fields["histories"] = {key: [metric(it) for it in client.get_metric_history(run_id, key)] for key in keys}
    fields["artifacts"] = list_all(lambda path: client.list_artifacts(run_id, path))
    fields["texts"] = {
        it["path"]: mlflow.artifacts.load_text(f"{entity.info.artifact_uri}/{it['path']}")
        for it in fields["artifacts"]
        if it["path"].endswith(".txt")
    }
    fields["parsed_datasets"] = [parse_dataset(it.dataset) for it in inputs_in_order(entity)]
    return fields


def parse_dataset(dataset):
    source = get_dataset_source_from_json(dataset.source, dataset.source_type)
    return {
        "source_class": type(source).__name__,
        "source": source.to_dict(),
        "schema": parse_schema(json.loads(dataset.schema)) if dataset.schema else None,
        "profile": json.loads(dataset.profile) if dataset.profile else None,
    }


def parse_schema(schema):
    if "mlflow_colspec" in schema:
        return columns(Schema.from_json(json.dumps(schema["mlflow_colspec"])))
    parsed = TensorDatasetSchema.from_dict(schema)
    return {"features": columns(parsed.features), "targets": parsed.targets and columns(parsed.targets)}


def columns(schema):
    if not schema.is_tensor_spec():
        return [{"name": it.name, "dtype": it.type.name} for it in schema.inputs]
    return [{"name": it.name, "dtype": it.type.name, "shape": list(it.shape)} for it in schema.inputs]


def read_model(client, model_id):
    entity = client.get_logged_model(model_id)
    fields = logged_model(entity)
    fields["artifacts"] = list_all(lambda path: client.list_logged_model_artifacts(model_id, path))
    if fields["artifacts"]:
        fields["mlmodel"] = parse_model(entity.artifact_location)
    return fields


def parse_model(location):
    model = Model.load(location)
    return {
        "flavors": model.flavors,
        "run_id": model.run_id,
        "model_id": model.model_id,
        "artifact_path": model.artifact_path,
        "utc_time_created": str(model.utc_time_created),
        "mlflow_version": model.mlflow_version,
        "model_size_bytes": model.model_size_bytes,
        "metadata": model.metadata,
        "signature": model.signature and {
            "inputs": model.signature.inputs and columns(model.signature.inputs),
            "outputs": model.signature.outputs and columns(model.signature.outputs),
            "params": model.signature.params,
        },
        "saved_input_example_info": model.saved_input_example_info,
        "input_example": plain(model.load_input_example(location)),
    }


def plain(example):
    if isinstance(example, dict):
        return {key: plain(value) for key, value in example.items()}
    return example.tolist() if hasattr(example, "tolist") else example


def read_trace(client, found):
    """Found by the search and read by its id, with spans both times."""
    fields = trace(client.get_trace(found.info.trace_id, display=False))
    fields["same_when_found"] = trace(found) == fields
    return fields


def list_all(list_folder, path=None):
    listed = []
    for it in list_folder(path):
        listed.append(artifact(it))
        if it.is_dir:
            listed.extend(list_all(list_folder, it.path))
    return listed


print_json([read_database(**json.loads(it)) for it in sys.argv[1:]])
