"""One of two services. `call`: prints its headers, waits for a line, prints its trace; `serve <traceparent>`: one span."""

import json
import sys

import mlflow
from mlflow.tracing import (
    get_tracing_context_headers_for_http_request,
    set_tracing_context_from_http_request_headers,
)


def call():
    with mlflow.start_span("ask") as span:
        print(json.dumps(get_tracing_context_headers_for_http_request()), flush=True)
        sys.stdin.readline()
        trace_id = span.trace_id
    mlflow.flush_trace_async_logging()
    trace = mlflow.get_trace(trace_id)
    names = {each.span_id: each.name for each in trace.data.spans}
    tree = [[each.name, names.get(each.parent_id)] for each in trace.data.spans]
    print(json.dumps({"state": trace.info.state, "tree": tree}))


def serve(traceparent):
    with set_tracing_context_from_http_request_headers({"traceparent": traceparent}):
        with mlflow.start_span("handle"):
            pass
        # Afterwards MLflow has forgotten whose the span was.
        mlflow.flush_trace_async_logging()
    print(json.dumps("done"))


uri, role, *rest = sys.argv[1:]
mlflow.set_tracking_uri(uri)
{"call": call, "serve": serve}[role](*rest)
