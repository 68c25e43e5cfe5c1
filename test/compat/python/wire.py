"""MLflow's entities as plain data for JSON: numbers that JSON cannot hold are strings, as are nanoseconds."""

import json
import math


def print_json(value):
    """Prints one value as the last line of the output, for the program that started this one."""
    print(json.dumps(value, allow_nan=False))


def number(value):
    """A double; NaN and the infinities by their names in JavaScript."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def experiment(it):
    return {
        "experiment_id": it.experiment_id,
        "name": it.name,
        "artifact_location": it.artifact_location,
        "lifecycle_stage": it.lifecycle_stage,
        "creation_time": it.creation_time,
        "last_update_time": it.last_update_time,
        "tags": it.tags,
    }


def metric(it):
    return {"key": it.key, "value": number(it.value), "timestamp": it.timestamp, "step": it.step}


def run(it):
    return {
        "info": dict(it.info),
        "params": it.data.params,
        "tags": it.data.tags,
        # The public `metrics` has the values alone.
        "metrics": {latest.key: metric(latest) for latest in it.data._metric_objs},
        "dataset_inputs": [dataset_input(each) for each in inputs_in_order(it)],
        "model_outputs": [{"model_id": out.model_id, "step": out.step} for out in it.outputs.model_outputs],
    }


def inputs_in_order(it):
    """The datasets of a run have no order of their own."""
    return sorted(it.inputs.dataset_inputs, key=lambda each: each.dataset.digest)


def dataset_input(it):
    return {"dataset": it.dataset.to_dictionary(), "tags": {tag.key: tag.value for tag in it.tags}}


def artifact(it):
    return {"path": it.path, "is_dir": it.is_dir, "file_size": it.file_size}


def logged_model(it):
    fields = it.to_dictionary()
    fields["status"] = it.status.value
    fields["metrics"] = sorted((metric(each) for each in it.metrics or []), key=lambda each: each["key"])
    return fields


def trace(it):
    info = it.info
    return {
        "trace_id": info.trace_id,
        "experiment_id": info.experiment_id,
        "request_time": info.request_time,
        "execution_duration": info.execution_duration,
        "state": info.state.value,
        "request_preview": info.request_preview,
        "response_preview": info.response_preview,
        "client_request_id": info.client_request_id,
        "trace_metadata": info.trace_metadata,
        "tags": info.tags,
        "token_usage": info.token_usage,
        "spans": [span(each) for each in it.data.spans],
    }


def span(it):
    return {
        "trace_id": it.trace_id,
        "span_id": it.span_id,
        "parent_id": it.parent_id,
        "name": it.name,
        "span_type": it.span_type,
        "start_time_ns": str(it.start_time_ns),
        "end_time_ns": str(it.end_time_ns),
        "status": {"code": it.status.status_code.value, "description": it.status.description},
        "inputs": it.inputs,
        "outputs": it.outputs,
        "attributes": it.attributes,
        "events": [event(each) for each in it.events],
    }


def event(it):
    return {"name": it.name, "timestamp": str(it.timestamp), "attributes": it.attributes}
