"""Gives the inputs of a JSON file to MLflow's own checks: prints, for each one, what it stores, or null for a refusal."""

import json
import sys

from mlflow.entities import Dataset, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.server import handlers
from mlflow.utils import validation

# Which hosts a server connects to is its own policy, and no rule of locations.
handlers._validate_artifact_uri_scheme = lambda *_: None


def metric_key(key):
    validation._validate_metric(key, 0.5, 0, 0)


def metric(value, timestamp, step):
    validation._validate_metric("key", value, timestamp, step)


def param(key, value):
    return validation._validate_param(key, value).value


def tag(key, value):
    return validation._validate_tag(key, value).value


def trace_tag(key, value):
    return validation._validate_trace_tag(key, value)[1]


def experiment_tag(key, value):
    validation._validate_experiment_tag(key, value)


def experiment_name(name):
    validation._validate_experiment_name(name)


def run_id(run_id):
    validation._validate_run_id(run_id)


def artifact_location(location):
    handlers._validate_storage_location_uri(location, "artifact_location")


def dataset(name, digest, source, schema, profile):
    validation._validate_dataset(Dataset(name, digest, "code", source, schema, profile))


def input_tag(key, value):
    validation._validate_input_tag(InputTag(key, value))


def logged_model_name(name):
    validation._validate_logged_model_name(name)


def batch(metric_count, param_keys, tag_count):
    metrics = [Metric("m", 1, 0, 0)] * metric_count
    params = [Param(key, "v") for key in param_keys]
    validation._validate_batch_log_limits(metrics, params, [RunTag("t", "v")] * tag_count)
    validation._validate_param_keys_unique(params)


def check(name, *args):
    try:
        return {"stored": globals()[name](*args)}
    except MlflowException:
        return None


with open(sys.argv[1], encoding="utf-8") as file:
    # Lone surrogates cannot be printed as UTF-8, so everything is escaped.
    print(json.dumps([check(*it) for it in json.load(file)]))
