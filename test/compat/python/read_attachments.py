"""Reads the attachments of a trace through MLflow's own code: prints their types and bytes in base64."""

import base64
import json
import re
import sys

from mlflow import MlflowClient, set_tracking_uri
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracing.attachments import Attachment

uri, trace_id = sys.argv[1:]
set_tracking_uri(uri)
trace = MlflowClient(uri).get_trace(trace_id)
repository = get_artifact_repository(trace.info.tags["mlflow.artifactLocation"])
found = []
for span in trace.data.spans:
    for ref in re.findall(r'mlflow-attachment://[^"]+', json.dumps([span.inputs, span.outputs])):
        parsed = Attachment.parse_ref(ref)
        content = repository.download_trace_attachment(parsed["attachment_id"])
        found.append([parsed["content_type"], parsed["trace_id"], parsed["size"], base64.b64encode(content).decode()])
print(json.dumps(found))
