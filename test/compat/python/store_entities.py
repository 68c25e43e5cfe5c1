"""Reads, or writes and then reads, a database with MLflow's own store: store_entities.py read|write <URI> <artifact root>.

Prints everything that the database holds of experiments, runs, logged models and traces, deleted or not.
"""

import json
import sys

from mlflow.entities import (
    AssessmentError,
    AssessmentSource,
    Dataset,
    DatasetInput,
    Expectation,
    ExperimentTag,
    Feedback,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelStatus,
    LoggedModelTag,
    Metric,
    Param,
    RunStatus,
    RunTag,
    TraceInfo,
    TraceLocation,
    TraceState,
    ViewType,
)
from mlflow.entities.assessment import IssueReference
from mlflow.entities.entity_type import EntityAssociationType
from mlflow.entities.model_registry import PromptVersion
from mlflow.entities.span import Span
from mlflow.store.tracking.dbmodels.models import SqlAssessments, SqlSpan, SqlTraceInfo
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from wire import experiment, logged_model, metric, print_json, run, trace

TIME = 1_700_000_000_000


def read(store):
    experiments = store.search_experiments(view_type=ViewType.ALL)
    ids = [it.experiment_id for it in experiments]
    found = store.search_runs(ids, "", ViewType.ALL, max_results=1000)
    models = [it.model_id for it in store.search_logged_models(ids)] + store._get_deleted_logged_models()
    infos, _ = store.search_traces(locations=ids, max_results=500)
    return {
        "experiments": by([experiment(it) for it in experiments], "experiment_id"),
        "runs": {it.info.run_id: read_run(store, it.info.run_id) for it in found},
        "models": {it: read_model(store, it) for it in models},
        "traces": {it.trace_id: read_trace(store, it) for it in infos},
        "statistics": read_statistics(store),
    }


def read_statistics(store):
    """What the store keeps of each assessment for its statistics, by the assessment's id."""
    with store.ManagedSessionMaker() as session:
        rows = session.query(SqlAssessments, SqlTraceInfo).join(SqlTraceInfo).all()
        return {
            it.assessment_id: {
                "aggregate": it.aggregate_value,
                "is_numeric": it.is_numeric_value,
                "same_experiment": it.experiment_id == trace.experiment_id,
                "same_time": it.trace_timestamp_ms == trace.timestamp_ms,
            }
            for it, trace in rows
        }


def by(items, key):
    return {it[key]: it for it in items}


def read_run(store, run_id):
    entity = store.get_run(run_id)
    fields = run(entity)
    fields["model_inputs"] = sorted(it.model_id for it in entity.inputs.model_inputs)
    fields["model_outputs"] = sorted(fields["model_outputs"], key=lambda it: it["model_id"])
    keys = entity.data.metrics
    fields["histories"] = {key: [metric(it) for it in store.get_metric_history(run_id, key)] for key in keys}
    return fields


def read_model(store, model_id):
    entity = store.get_logged_model(model_id, allow_deleted=True)
    fields = logged_model(entity)
    fields["metrics"] = sorted((model_metric(it) for it in entity.metrics or []), key=lambda it: (it["key"], it["step"]))
    return fields


def model_metric(it):
    names = {"run_id": it.run_id, "dataset_name": it.dataset_name, "dataset_digest": it.dataset_digest}
    return {**metric(it), "model_id": it.model_id, **names}


def read_trace(store, info):
    entity = store.get_trace(info.trace_id, allow_partial=True)
    fields = trace(entity)
    for each, known in zip(fields["spans"], entity.data.spans, strict=True):
        each["links"] = [link(it) for it in known.links]
    fields["costs"] = read_costs(store, info.trace_id)
    fields["assessments"] = by([assessment(it) for it in entity.info.assessments], "assessment_id")
    fields["same_info"] = store.get_trace_info(info.trace_id).to_dict() == entity.info.to_dict() == info.to_dict()
    for kind in ("run", "prompt_version"):
        linked = store.search_entities_by_source(info.trace_id, EntityAssociationType.TRACE, kind)
        fields[f"linked_{kind}s"] = sorted(linked)
    return fields


def read_costs(store, trace_id):
    with store.ManagedSessionMaker() as session:
        rows = session.query(SqlSpan).filter(SqlSpan.trace_id == trace_id).all()
        return {it.span_id: [it.model_name, it.input_cost, it.output_cost, it.total_cost] for it in rows}


def link(it):
    return {"trace_id": it.trace_id, "span_id": it.span_id, "attributes": it.attributes or {}}


def assessment(it):
    kind = "issue" if it.issue else "expectation" if it.expectation else "feedback"
    error = it.feedback.error if it.feedback else None
    value = it.issue.issue_name if it.issue else (it.expectation or it.feedback).value
    return {
        "assessment_id": it.assessment_id,
        "trace_id": it.trace_id,
        "span_id": it.span_id,
        "kind": kind,
        "name": it.name,
        "value": value,
        "error": error.to_dictionary() if error else None,
        "source": {"source_type": it.source.source_type, "source_id": it.source.source_id},
        "rationale": it.rationale,
        "metadata": it.metadata or {},
        "create_time": it.create_time_ms,
        "last_update_time": it.last_update_time_ms,
        "overrides": it.overrides,
        "valid": it.valid,
    }


def write(store):
    first = store.create_experiment("größe 📈", tags=[ExperimentTag("a", "1"), ExperimentTag("b", "2")])
    store.rename_experiment(first, "renamed 📈")
    store.set_experiment_tag(first, ExperimentTag("a", "3"))
    store.delete_experiment_tag(first, "b")
    gone = store.create_experiment("gone", artifact_location="s3://bucket/gone")
    models = write_models(store, first)
    run_id = write_run(store, first, models)
    store.create_run(gone, "ada", TIME, [], "in the bin")
    store.delete_experiment(gone)
    deleted = store.create_run(first, "ada", TIME, [RunTag("mlflow.user", "ada")], "deleted").info.run_id
    trace_id = write_trace(store, first)
    write_assessments(store, trace_id, deleted)
    store.delete_run(deleted)
    store.link_traces_to_run([trace_id], run_id)
    prompts = [PromptVersion(name="ask", version=1, template="?"), PromptVersion(name="ask", version=2, template="?")]
    store.link_prompts_to_trace(trace_id, prompts)
    store.set_trace_tag(trace_id, "team", "größe")
    store.set_trace_tag(trace_id, "mlflow.traceName", "renamed")
    store.delete_trace_tag(trace_id, "old")


def write_models(store, experiment_id):
    params = [LoggedModelParameter("p", "größe"), LoggedModelParameter("q", "2")]
    tags = [LoggedModelTag("t", "x"), LoggedModelTag("u", "y")]
    first = store.create_logged_model(experiment_id, "first", None, tags, params, "sklearn")
    store.finalize_logged_model(first.model_id, LoggedModelStatus.READY)
    store.set_logged_model_tags(first.model_id, [LoggedModelTag("t", "z")])
    store.delete_logged_model_tag(first.model_id, "u")
    store.log_logged_model_params(first.model_id, [LoggedModelParameter("r", "3")])
    second = store.create_logged_model(experiment_id, "second")
    store.finalize_logged_model(second.model_id, LoggedModelStatus.FAILED)
    third = store.create_logged_model(experiment_id, "third")
    store.delete_logged_model(third.model_id)
    return first.model_id, second.model_id


def write_run(store, experiment_id, models):
    tags = [RunTag("mlflow.user", "ada"), RunTag("note", "ü 🦉")]
    run_id = store.create_run(experiment_id, "ada", TIME, tags, "full").info.run_id
    metrics = [
        Metric("loss", value, TIME + step, step)
        for step, value in enumerate([1.5, float("nan"), float("inf"), float("-inf"), 0.1 + 0.2])
    ]
    params = [Param("lr", "0.1"), Param("größe", "x" * 6000)]
    store.log_batch(run_id, metrics, params, [RunTag("t", "1"), RunTag("u", "2")])
    store.log_metric(run_id, Metric("acc", 0.9, TIME, 1, models[0], "flowers", "d1", run_id=run_id))
    store.log_metric(run_id, Metric("acc", 0.8, TIME, 2, models[0], run_id=run_id))
    store.delete_tag(run_id, "u")
    datasets = [
        DatasetInput(Dataset("flowers", "d1", "local", "{}", "{}", "{}"), [InputTag("mlflow.data.context", "train")]),
        DatasetInput(Dataset("größe", "d2", "code", "{}"), []),
    ]
    store.log_inputs(run_id, datasets, [LoggedModelInput(models[1])])
    store.log_outputs(run_id, [LoggedModelOutput(models[0], 4)])
    store.update_run_info(run_id, RunStatus.FINISHED, TIME + 5000, "renamed")
    return run_id


def write_trace(store, experiment_id):
    trace_id = "tr-" + "ab" * 16
    info = TraceInfo(
        trace_id=trace_id,
        trace_location=TraceLocation.from_experiment_id(experiment_id),
        request_time=TIME,
        execution_duration=1000,
        state=TraceState.OK,
        request_preview="hi",
        response_preview="größe",
        client_request_id="request-1",
        trace_metadata={"mlflow.trace.session": "s-1", "note": "x" * 200},
        tags={"mlflow.traceName": "talk", "old": "1"},
    )
    store.start_trace(info)
    root = span(trace_id, "cd" * 8, None, "root", TIME * 1_000_000)
    child = span(trace_id, "ef" * 8, "cd" * 8, "child", TIME * 1_000_000 + 17)
    child["links"] = [
        {"trace_id": "tr-" + "12" * 16, "span_id": "34" * 8, "attributes": {"why": "retry"}},
        {"trace_id": "tr-" + "56" * 16, "span_id": "78" * 8, "attributes": None},
    ]
    child["status"] = {"code": "STATUS_CODE_ERROR", "message": "no luck"}
    store.log_spans(experiment_id, [Span.from_dict(it) for it in (root, child)])
    return trace_id


def span(trace_id, span_id, parent_id, name, start):
    return {
        "trace_id": base64(trace_id[3:]),
        "span_id": base64(span_id),
        "parent_span_id": parent_id and base64(parent_id),
        "name": name,
        "start_time_unix_nano": start,
        "end_time_unix_nano": start + 1_000_000_003,
        "events": [{"name": "first token", "time_unix_nano": start + 5, "attributes": {"index": 0, "word": "größe"}}],
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "attributes": {
            "mlflow.traceRequestId": json.dumps(trace_id),
            "mlflow.spanType": json.dumps("TOOL"),
            "mlflow.spanInputs": json.dumps({"question": "größe", "list": [1, 2.5, None]}),
        },
        "links": [],
    }


def base64(digits):
    import base64 as codec

    return codec.b64encode(bytes.fromhex(digits)).decode()


def write_assessments(store, trace_id, deleted_run):
    human = AssessmentSource("HUMAN", "ada")
    judge = AssessmentSource("LLM_JUDGE", "judge-1")
    shared = {"trace_id": trace_id, "source": human}
    first = store.create_assessment(Feedback(name="quality", value=0.5, rationale="so so", **shared))
    second = Feedback(name="quality", value=0.75, metadata={"a": "b"}, overrides=first.assessment_id, **shared)
    store.create_assessment(second)
    error = AssessmentError("TIMEOUT", "too slow", "at x")
    store.create_assessment(Feedback(name="judged", value=None, error=error, source=judge, trace_id=trace_id))
    of_span = Feedback(name="of a span", value={"a": [1, "ü"]}, span_id="cd" * 8, **shared)
    store.create_assessment(of_span)
    changed = store.create_assessment(Expectation(name="answer", value=["a"], metadata={"a": "1"}, **shared))
    store.update_assessment(trace_id, changed.assessment_id, name="the answer", metadata={"b": "2"})
    store.create_assessment(IssueReference(issue_id="iss-1", issue_name="slow", **shared))
    twice = store.create_assessment(Feedback(name="twice", value=True, **shared))
    once = Feedback(name="twice", value=False, overrides=twice.assessment_id, **shared)
    store.delete_assessment(trace_id, store.create_assessment(once).assessment_id)
    source_run = {"mlflow.assessment.sourceRunId": deleted_run}
    store.create_assessment(Feedback(name="of a run", value=True, metadata=source_run, **shared))


mode, uri, artifact_root = sys.argv[1:]
store = SqlAlchemyStore(uri, artifact_root)
if mode == "write":
    write(store)
print_json(read(store))
