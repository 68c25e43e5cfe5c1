"""Logs a run, a model and traces with MLflow's fluent API: write_run.py <experiment> <tracking URI> ..."""

import math
import sys

import mlflow
import numpy as np
from mlflow.entities import SpanEvent
from wire import logged_model, print_json, run, trace


def write_run(experiment, uri):
    mlflow.set_tracking_uri(uri)
    experiment_id = mlflow.set_experiment(experiment).experiment_id
    with mlflow.start_run(run_name="by Python") as active:
        log_contents()
        model = log_model()
        trace_id = log_trace()
    failed_id = log_failed_trace()
    mlflow.flush_trace_async_logging()
    client = mlflow.MlflowClient()
    written = client.get_run(active.info.run_id)
    return {
        "experiment_id": experiment_id,
        "run": run(written),
        "model": logged_model(client.get_logged_model(model.model_id)),
        "traces": [trace(client.get_trace(it, display=False)) for it in (trace_id, failed_id)],
    }


def log_contents():
    mlflow.log_params({"optimizer": "sgd", "note": "größer 📈", "long": "x" * 6000})
    for step, value in enumerate([0.5, math.nan, math.inf, -math.inf, 0.1 + 0.2]):
        mlflow.log_metric("strange", value, step=step)
    mlflow.log_metric("latest", 7, step=3, timestamp=1_700_000_000_000)
    mlflow.log_metric("latest", 9, step=1, timestamp=1_700_000_000_001)
    mlflow.set_tags({"team": "iris", "mlflow.note.content": "# Notes"})
    mlflow.log_text("first line\nsecond line: ü", "notes/deep/text.txt")
    features = np.arange(12, dtype=np.float32).reshape(4, 3)
    dataset = mlflow.data.from_numpy(features, targets=np.array([0, 1, 0, 1]), name="twelve")
    mlflow.log_input(dataset, context="train", tags={"split": "all"})


def log_model():
    class Sum(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return np.asarray(model_input).sum(axis=1)

    # Told, because to find out takes longer than all the rest.
    return mlflow.pyfunc.log_model(
        name="sum",
        python_model=Sum(),
        input_example=np.array([[1.0, 2.0], [3.0, 4.0]]),
        pip_requirements=["numpy"],
    )


def log_trace():
    with mlflow.start_span("answer", span_type="CHAIN") as root:
        root.set_inputs({"question": "Which iris?", "depth": {"list": [1, 2.5, None, True]}})
        with mlflow.start_span("call", span_type="CHAT_MODEL") as call:
            call.set_inputs({"messages": [{"role": "user", "content": "Which iris?"}]})
            call.set_attributes({
                "mlflow.chat.tokenUsage": {"input_tokens": 11, "output_tokens": 4, "total_tokens": 15},
                "mlflow.llm.model": "flower-1",
                "temperature": 0.25,
            })
            call.add_event(SpanEvent("first_token", attributes={"index": 0}))
            call.set_outputs({"text": "setosa"})
        root.set_outputs("setosa")
        mlflow.update_current_trace(
            tags={"kind": "flower"},
            metadata={"mlflow.trace.session": "session-1", "mlflow.trace.user": "ada"},
            client_request_id="request-1",
        )
        return root.trace_id


def log_failed_trace():
    with mlflow.start_span("fails") as span:
        trace_id = span.trace_id
        span.set_inputs({"n": 1})
        try:
            with mlflow.start_span("inner", span_type="TOOL"):
                raise ValueError("no such flower")
        except ValueError:
            span.set_status("ERROR")
    return trace_id


print_json([write_run(sys.argv[1], it) for it in sys.argv[2:]])
