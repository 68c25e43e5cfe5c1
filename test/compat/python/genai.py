"""Converts the calls in a file (a list of inputs and outputs) as MLflow does for OpenTelemetry's conventions."""

import json
import sys

from mlflow.tracing.export.genai_semconv.translator import _get_converter

with open(sys.argv[1]) as file:
    cases = json.load(file)
print(json.dumps([_get_converter("openai", c["inputs"]).translate(c["inputs"], c["outputs"]) for c in cases]))
