SELECT position FROM autolog_journals WHERE journal_id = @1
  ["journal"]
SELECT position FROM autolog_journals WITH (UPDLOCK, ROWLOCK) WHERE journal_id = @1
  ["journal"]
MERGE INTO autolog_journals WITH (HOLDLOCK) AS old USING (VALUES (@1, @2)) AS new ("journal_id", "position") ON old."journal_id" = new."journal_id" WHEN NOT MATCHED THEN INSERT ("journal_id", "position") VALUES (new."journal_id", new."position");
  ["journal", 0]
SELECT position FROM autolog_journals WITH (UPDLOCK, ROWLOCK) WHERE journal_id = @1
  ["journal"]
SELECT lifecycle_stage, experiment_id FROM runs WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE name = @1
  ["demo"]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE name = @1
  ["demo"]
MERGE INTO experiments WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5)) AS new ("name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time") ON old."name" = new."name" WHEN NOT MATCHED THEN INSERT ("name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time") VALUES (new."name", new."artifact_location", new."lifecycle_stage", new."creation_time", new."last_update_time");
  ["demo", "<id>", "active", <now>, <now>]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE name = @1
  ["demo"]
UPDATE experiments SET artifact_location = @1 WHERE experiment_id = @2
  ["/mlruns/1", 1]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE experiment_id = @1
  [1]
SELECT experiment_id, "key", value FROM experiment_tags WHERE experiment_id IN (@1)
  [1]
INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, deleted_time, source_version, lifecycle_stage, artifact_uri, experiment_id) VALUES (@1, @2, 'UNKNOWN', '', '', @3, 'RUNNING', @4, NULL, NULL, '', 'active', @5, @6)
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "calm-owl-7", "ada", 1000, "/mlruns/1/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/artifacts", 1]
MERGE INTO tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3), (@4, @5, @6)) AS new ("key", "value", "run_uuid") ON old."key" = new."key" AND old."run_uuid" = new."run_uuid" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "run_uuid") VALUES (new."key", new."value", new."run_uuid");
  ["mlflow.user", "ada", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "mlflow.runName", "calm-owl-7", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT lifecycle_stage, experiment_id FROM runs WITH (UPDLOCK, ROWLOCK) WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
MERGE INTO params WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3)) AS new ("key", "value", "run_uuid") ON old."key" = new."key" AND old."run_uuid" = new."run_uuid" WHEN NOT MATCHED THEN INSERT ("key", "value", "run_uuid") VALUES (new."key", new."value", new."run_uuid");
  ["lr", "0.1", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT value FROM params WHERE "key" = @1 AND run_uuid = @2
  ["lr", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
MERGE INTO tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3)) AS new ("key", "value", "run_uuid") ON old."key" = new."key" AND old."run_uuid" = new."run_uuid" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "run_uuid") VALUES (new."key", new."value", new."run_uuid");
  ["team", "blue", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT lifecycle_stage, experiment_id FROM runs WITH (UPDLOCK, ROWLOCK) WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT "key" FROM tags WHERE "key" = @1 AND run_uuid = @2
  ["team", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
DELETE FROM tags WHERE "key" = @1 AND run_uuid = @2
  ["team", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT dataset_uuid FROM datasets WHERE experiment_id = @1 AND name = @2 AND digest = @3
  [1, "iris", "abc"]
MERGE INTO datasets WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6, @7, @8)) AS new ("dataset_uuid", "experiment_id", "name", "digest", "dataset_source_type", "dataset_source", "dataset_schema", "dataset_profile") ON old."experiment_id" = new."experiment_id" AND old."name" = new."name" AND old."digest" = new."digest" WHEN NOT MATCHED THEN INSERT ("dataset_uuid", "experiment_id", "name", "digest", "dataset_source_type", "dataset_source", "dataset_schema", "dataset_profile") VALUES (new."dataset_uuid", new."experiment_id", new."name", new."digest", new."dataset_source_type", new."dataset_source", new."dataset_schema", new."dataset_profile");
  ["<id>", 1, "iris", "abc", "code", "{}", null, null]
SELECT dataset_uuid FROM datasets WHERE experiment_id = @1 AND name = @2 AND digest = @3
  [1, "iris", "abc"]
MERGE INTO inputs WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6)) AS new ("input_uuid", "source_type", "source_id", "destination_type", "destination_id", "step") ON old."source_type" = new."source_type" AND old."source_id" = new."source_id" AND old."destination_type" = new."destination_type" AND old."destination_id" = new."destination_id" WHEN NOT MATCHED THEN INSERT ("input_uuid", "source_type", "source_id", "destination_type", "destination_id", "step") VALUES (new."input_uuid", new."source_type", new."source_id", new."destination_type", new."destination_id", new."step");
  ["<id>", "DATASET", "<id>", "RUN", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0]
SELECT input_uuid FROM inputs WHERE source_type = 'DATASET' AND source_id = @1 AND destination_type = 'RUN' AND destination_id = @2
  ["<id>", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
INSERT INTO input_tags (input_uuid, name, value) VALUES (@1, @2, @3)
  ["<id>", "mlflow.data.context", "train"]
SELECT experiment_id, source_run_id FROM logged_models WHERE model_id = @1
  ["m-cccccccccccccccccccccccccccccccc"]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE experiment_id = @1
  [1]
SELECT experiment_id, "key", value FROM experiment_tags WHERE experiment_id IN (@1)
  [1]
INSERT INTO logged_models (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, lifecycle_stage, model_type, source_run_id) VALUES (@1, @2, @3, @4, @5, @6, @7, 'active', @8, @9)
  ["m-cccccccccccccccccccccccccccccccc", 1, "net", "/mlruns/1/models/m-cccccccccccccccccccccccccccccccc/artifacts", 1000, 1000, 1, null, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
INSERT INTO logged_model_params (model_id, experiment_id, param_key, param_value) VALUES (@1, @2, @3, @4)
  ["m-cccccccccccccccccccccccccccccccc", 1, "depth", "3"]
SELECT "key", value FROM params WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
MERGE INTO logged_model_params WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4)) AS new ("model_id", "experiment_id", "param_key", "param_value") ON old."model_id" = new."model_id" AND old."param_key" = new."param_key" WHEN MATCHED THEN UPDATE SET "experiment_id" = new."experiment_id", "param_value" = new."param_value" WHEN NOT MATCHED THEN INSERT ("model_id", "experiment_id", "param_key", "param_value") VALUES (new."model_id", new."experiment_id", new."param_key", new."param_value");
  ["m-cccccccccccccccccccccccccccccccc", 1, "lr", "0.1"]
INSERT INTO logged_model_tags (model_id, experiment_id, tag_key, tag_value) VALUES (@1, @2, @3, @4)
  ["m-cccccccccccccccccccccccccccccccc", 1, "kind", "small"]
SELECT experiment_id, source_run_id FROM logged_models WHERE model_id = @1
  ["m-cccccccccccccccccccccccccccccccc"]
UPDATE logged_models SET status = @1, last_updated_timestamp_ms = @2 WHERE model_id = @3
  [2, 3000, "m-cccccccccccccccccccccccccccccccc"]
MERGE INTO inputs WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6)) AS new ("input_uuid", "source_type", "source_id", "destination_type", "destination_id", "step") ON old."source_type" = new."source_type" AND old."source_id" = new."source_id" AND old."destination_type" = new."destination_type" AND old."destination_id" = new."destination_id" WHEN NOT MATCHED THEN INSERT ("input_uuid", "source_type", "source_id", "destination_type", "destination_id", "step") VALUES (new."input_uuid", new."source_type", new."source_id", new."destination_type", new."destination_id", new."step");
  ["<id>", "RUN_OUTPUT", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "MODEL_OUTPUT", "m-cccccccccccccccccccccccccccccccc", 2]
MERGE INTO metrics WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6), (@7, 1.7976931348623157e+308, @9, @10, @11, @12)) AS new ("key", "value", "timestamp", "run_uuid", "step", "is_nan") ON old."key" = new."key" AND old."value" = new."value" AND old."timestamp" = new."timestamp" AND old."run_uuid" = new."run_uuid" AND old."step" = new."step" AND old."is_nan" = new."is_nan" WHEN NOT MATCHED THEN INSERT ("key", "value", "timestamp", "run_uuid", "step", "is_nan") VALUES (new."key", new."value", new."timestamp", new."run_uuid", new."step", new."is_nan");
  ["loss", 0.5, 2000, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, 0, "loss", null, 2001, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, 0]
MERGE INTO metrics WITH (HOLDLOCK) AS old USING (VALUES (@1, 1.7976931348623157e+308, @3, @4, @5, @6), (@7, @8, @9, @10, @11, @12)) AS new ("key", "value", "timestamp", "run_uuid", "step", "is_nan") ON old."key" = new."key" AND old."value" = new."value" AND old."timestamp" = new."timestamp" AND old."run_uuid" = new."run_uuid" AND old."step" = new."step" AND old."is_nan" = new."is_nan" WHEN NOT MATCHED THEN INSERT ("key", "value", "timestamp", "run_uuid", "step", "is_nan") VALUES (new."key", new."value", new."timestamp", new."run_uuid", new."step", new."is_nan");
  ["loss", null, 2001, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, 0, "loss", 0, 2002, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 2, 1]
MERGE INTO latest_metrics WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6)) AS new ("key", "value", "timestamp", "run_uuid", "step", "is_nan") ON old."key" = new."key" AND old."run_uuid" = new."run_uuid" WHEN MATCHED AND ((new."step" > old."step") OR (new."step" = old."step" AND new."timestamp" > old."timestamp") OR (new."step" = old."step" AND new."timestamp" = old."timestamp" AND new."value" > old."value")) THEN UPDATE SET "value" = new."value", "timestamp" = new."timestamp", "step" = new."step", "is_nan" = new."is_nan" WHEN NOT MATCHED THEN INSERT ("key", "value", "timestamp", "run_uuid", "step", "is_nan") VALUES (new."key", new."value", new."timestamp", new."run_uuid", new."step", new."is_nan");
  ["loss", 0, 2002, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 2, 1]
SELECT "key", timestamp, step, value FROM latest_metrics WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
MERGE INTO logged_model_metrics WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6, @7)) AS new ("model_id", "metric_name", "metric_timestamp_ms", "metric_step", "metric_value", "experiment_id", "run_id") ON old."model_id" = new."model_id" AND old."metric_name" = new."metric_name" AND old."metric_timestamp_ms" = new."metric_timestamp_ms" AND old."metric_step" = new."metric_step" AND old."run_id" = new."run_id" WHEN NOT MATCHED THEN INSERT ("model_id", "metric_name", "metric_timestamp_ms", "metric_step", "metric_value", "experiment_id", "run_id") VALUES (new."model_id", new."metric_name", new."metric_timestamp_ms", new."metric_step", new."metric_value", new."experiment_id", new."run_id");
  ["m-cccccccccccccccccccccccccccccccc", "loss", 2002, 2, 0, 1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT t.experiment_id, t.timestamp_ms, t.execution_time_ms, (SELECT value FROM trace_tags WHERE request_id = t.request_id AND "key" = 'mlflow.trace.spansLocation') AS location, (SELECT value FROM trace_request_metadata WHERE request_id = t.request_id AND "key" = 'mlflow.trace.infoFinalized') AS finalized FROM trace_info AS t WHERE t.request_id = @1
  ["tr-abababababababababababababababab"]
MERGE INTO trace_info WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5)) AS new ("request_id", "experiment_id", "timestamp_ms", "execution_time_ms", "status") ON old."request_id" = new."request_id" WHEN NOT MATCHED THEN INSERT ("request_id", "experiment_id", "timestamp_ms", "execution_time_ms", "status") VALUES (new."request_id", new."experiment_id", new."timestamp_ms", new."execution_time_ms", new."status");
  ["tr-abababababababababababababababab", 1, <now>, 1000, "IN_PROGRESS"]
MERGE INTO trace_tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3), (@4, @5, @6)) AS new ("key", "value", "request_id") ON old."key" = new."key" AND old."request_id" = new."request_id" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "request_id") VALUES (new."key", new."value", new."request_id");
  ["mlflow.artifactLocation", "/mlruns/1/traces/tr-abababababababababababababababab/artifacts", "tr-abababababababababababababababab", "mlflow.trace.spansLocation", "TRACKING_STORE", "tr-abababababababababababababababab"]
SELECT t.experiment_id, t.timestamp_ms, t.execution_time_ms, (SELECT value FROM trace_tags WHERE request_id = t.request_id AND "key" = 'mlflow.trace.spansLocation') AS location, (SELECT value FROM trace_request_metadata WHERE request_id = t.request_id AND "key" = 'mlflow.trace.infoFinalized') AS finalized FROM trace_info AS t WHERE t.request_id = @1
  ["tr-abababababababababababababababab"]
MERGE INTO spans WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6, @7, @8, @9, @10)) AS new ("trace_id", "experiment_id", "span_id", "parent_span_id", "name", "type", "status", "start_time_unix_nano", "end_time_unix_nano", "content") ON old."trace_id" = new."trace_id" AND old."span_id" = new."span_id" WHEN MATCHED THEN UPDATE SET "experiment_id" = new."experiment_id", "parent_span_id" = new."parent_span_id", "name" = new."name", "type" = new."type", "status" = new."status", "start_time_unix_nano" = new."start_time_unix_nano", "end_time_unix_nano" = new."end_time_unix_nano", "content" = new."content" WHEN NOT MATCHED THEN INSERT ("trace_id", "experiment_id", "span_id", "parent_span_id", "name", "type", "status", "start_time_unix_nano", "end_time_unix_nano", "content") VALUES (new."trace_id", new."experiment_id", new."span_id", new."parent_span_id", new."name", new."type", new."status", new."start_time_unix_nano", new."end_time_unix_nano", new."content");
  ["tr-abababababababababababababababab", 1, "cdcdcdcdcdcdcdcd", null, "chat", "CHAT_MODEL", "OK", 1700000000123456789n, 1700000001123456790n, "{\"trace_id\": \"q6urq6urq6urq6urq6urqw==\", \"span_id\": \"zc3Nzc3Nzc0=\", \"parent_span_id\": null, \"name\": \"chat\", \"start_time_unix_nano\": 1700000000123456789, \"end_time_unix_nano\": 1700000001123456790, \"events\": [{\"name\": \"first token\", \"time_unix_nano\": 1700000000123456791, \"attributes\": {\"index\": 0}}], \"status\": {\"code\": \"STATUS_CODE_OK\", \"message\": \"\"}, \"attributes\": {\"mlflow.traceRequestId\": \"\\\"tr-abababababababababababababababab\\\"\", \"mlflow.spanType\": \"\\\"CHAT_MODEL\\\"\", \"mlflow.spanInputs\": \"{\\\"messages\\\": [{\\\"role\\\": \\\"user\\\", \\\"content\\\": \\\"größe \\\\\\\"x\\\\\\\"\\\"}]}\", \"mlflow.llm.model\": \"\\\"gpt-4o\\\"\"}, \"links\": []}"]
UPDATE spans SET dimension_attributes = @1 WHERE trace_id = @2 AND span_id = @3
  ["{\"mlflow.llm.model\": \"gpt-4o\"}", "tr-abababababababababababababababab", "cdcdcdcdcdcdcdcd"]
MERGE INTO trace_info WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6, @7, @8)) AS new ("request_id", "experiment_id", "timestamp_ms", "execution_time_ms", "status", "request_preview", "response_preview", "client_request_id") ON old."request_id" = new."request_id" WHEN MATCHED THEN UPDATE SET "experiment_id" = new."experiment_id", "timestamp_ms" = new."timestamp_ms", "execution_time_ms" = new."execution_time_ms", "status" = new."status", "request_preview" = COALESCE(new."request_preview", old."request_preview"), "response_preview" = COALESCE(new."response_preview", old."response_preview"), "client_request_id" = COALESCE(new."client_request_id", old."client_request_id") WHEN NOT MATCHED THEN INSERT ("request_id", "experiment_id", "timestamp_ms", "execution_time_ms", "status", "request_preview", "response_preview", "client_request_id") VALUES (new."request_id", new."experiment_id", new."timestamp_ms", new."execution_time_ms", new."status", new."request_preview", new."response_preview", new."client_request_id");
  ["tr-abababababababababababababababab", 1, <now>, 1000, "OK", "hi", "hello", null]
MERGE INTO trace_tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3), (@4, @5, @6), (@7, @8, @9), (@10, @11, @12)) AS new ("key", "value", "request_id") ON old."key" = new."key" AND old."request_id" = new."request_id" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "request_id") VALUES (new."key", new."value", new."request_id");
  ["mlflow.artifactLocation", "/mlruns/1/traces/tr-abababababababababababababababab/artifacts", "tr-abababababababababababababababab", "mlflow.trace.spansLocation", "TRACKING_STORE", "tr-abababababababababababababababab", "mlflow.traceName", "chat", "tr-abababababababababababababababab", "team", "blue", "tr-abababababababababababababababab"]
MERGE INTO trace_request_metadata WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3), (@4, @5, @6), (@7, @8, @9)) AS new ("key", "value", "request_id") ON old."key" = new."key" AND old."request_id" = new."request_id" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "request_id") VALUES (new."key", new."value", new."request_id");
  ["mlflow.trace.session", "s-1", "tr-abababababababababababababababab", "mlflow.trace.tokenUsage", "{\"input_tokens\": 3, \"total_tokens\": 5}", "tr-abababababababababababababababab", "mlflow.trace.infoFinalized", "true", "tr-abababababababababababababababab"]
MERGE INTO trace_metrics WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3), (@4, @5, @6)) AS new ("request_id", "key", "value") ON old."request_id" = new."request_id" AND old."key" = new."key" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("request_id", "key", "value") VALUES (new."request_id", new."key", new."value");
  ["tr-abababababababababababababababab", "input_tokens", 3, "tr-abababababababababababababababab", "total_tokens", 5]
UPDATE runs SET status = @1, end_time = @2 WHERE run_uuid = @3
  ["FINISHED", 9000, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
MERGE INTO autolog_journals WITH (HOLDLOCK) AS old USING (VALUES (@1, @2)) AS new ("journal_id", "position") ON old."journal_id" = new."journal_id" WHEN MATCHED THEN UPDATE SET "position" = new."position" WHEN NOT MATCHED THEN INSERT ("journal_id", "position") VALUES (new."journal_id", new."position");
  ["journal", 14]
