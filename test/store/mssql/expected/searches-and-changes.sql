SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE name = @1
  ["second"]
MERGE INTO experiments WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5)) AS new ("name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time") ON old."name" = new."name" WHEN NOT MATCHED THEN INSERT ("name", "artifact_location", "lifecycle_stage", "creation_time", "last_update_time") VALUES (new."name", new."artifact_location", new."lifecycle_stage", new."creation_time", new."last_update_time");
  ["second", "<id>", "active", <now>, <now>]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE name = @1
  ["second"]
UPDATE experiments SET artifact_location = @1 WHERE experiment_id = @2
  ["/mlruns/2", 2]
MERGE INTO experiment_tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3)) AS new ("key", "value", "experiment_id") ON old."key" = new."key" AND old."experiment_id" = new."experiment_id" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "experiment_id") VALUES (new."key", new."value", new."experiment_id");
  ["team", "blue", 2]
SELECT e.experiment_id AS experiment_id, e.creation_time AS sort_0, e.experiment_id AS sort_1 FROM experiments AS e WHERE e.lifecycle_stage IN ('active') AND e.name COLLATE Latin1_General_100_BIN2 LIKE @1 AND EXISTS (SELECT 1 FROM experiment_tags AS t WHERE t.experiment_id = e.experiment_id AND (t."key" = @2 AND t."key" COLLATE Latin1_General_100_BIN2 = @3) AND (t.value = @4 AND t.value COLLATE Latin1_General_100_BIN2 = @5)) AND e.creation_time IS NOT NULL ORDER BY e.creation_time DESC, e.experiment_id OFFSET 0 ROWS FETCH NEXT 11 ROWS ONLY
  ["sec%", "team", "team", "blue", "blue"]
SELECT e.experiment_id AS experiment_id, e.creation_time AS sort_0, e.experiment_id AS sort_1 FROM experiments AS e WHERE e.lifecycle_stage IN ('active') AND e.name COLLATE Latin1_General_100_BIN2 LIKE @1 AND EXISTS (SELECT 1 FROM experiment_tags AS t WHERE t.experiment_id = e.experiment_id AND (t."key" = @2 AND t."key" COLLATE Latin1_General_100_BIN2 = @3) AND (t.value = @4 AND t.value COLLATE Latin1_General_100_BIN2 = @5)) AND e.creation_time IS NULL ORDER BY e.experiment_id OFFSET 0 ROWS FETCH NEXT 11 ROWS ONLY
  ["sec%", "team", "team", "blue", "blue"]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE experiment_id = @1
  [2]
SELECT experiment_id, "key", value FROM experiment_tags WHERE experiment_id IN (@1)
  [2]
MERGE INTO experiment_tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3)) AS new ("key", "value", "experiment_id") ON old."key" = new."key" AND old."experiment_id" = new."experiment_id" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "experiment_id") VALUES (new."key", new."value", new."experiment_id");
  ["team", "red", 2]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE experiment_id = @1
  [2]
SELECT experiment_id, "key", value FROM experiment_tags WHERE experiment_id IN (@1)
  [2]
SELECT run_uuid FROM runs WHERE experiment_id = @1
  [2]
SELECT assessment_id, assessment_metadata FROM assessments WHERE assessment_metadata LIKE @1
  ["%\"mlflow.assessment.sourceRunId\"%"]
UPDATE experiments SET lifecycle_stage = @1, last_update_time = @2 WHERE experiment_id = @3
  ["deleted", <now>, 2]
UPDATE runs SET lifecycle_stage = @1, deleted_time = @2 WHERE experiment_id = @3
  ["deleted", <now>, 2]
SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time FROM experiments WHERE experiment_id = @1
  [2]
SELECT experiment_id, "key", value FROM experiment_tags WHERE experiment_id IN (@1)
  [2]
UPDATE experiments SET lifecycle_stage = @1, last_update_time = @2 WHERE experiment_id = @3
  ["active", <now>, 2]
UPDATE runs SET lifecycle_stage = @1, deleted_time = @2 WHERE experiment_id = @3
  ["active", null, 2]
SELECT run_uuid, name, experiment_id, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage FROM runs WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT run_uuid, "key", value FROM params WHERE run_uuid IN (@1) ORDER BY "key"
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT run_uuid, "key", value FROM tags WHERE run_uuid IN (@1) ORDER BY "key"
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT run_uuid, "key", value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid IN (@1) ORDER BY "key"
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT source_id, destination_id FROM inputs WHERE source_type = 'RUN_INPUT' AND destination_type = 'MODEL_INPUT' AND source_id IN (@1) ORDER BY destination_id
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT source_id, destination_id, step FROM inputs WHERE source_type = 'RUN_OUTPUT' AND destination_type = 'MODEL_OUTPUT' AND source_id IN (@1) ORDER BY step, destination_id
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT i.destination_id, i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source, d.dataset_schema, d.dataset_profile FROM inputs AS i JOIN datasets AS d ON d.dataset_uuid = i.source_id WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id IN (@1) ORDER BY d.name, d.digest
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT r.run_uuid AS run_uuid, s0.value AS sort_0, s0.is_nan AS sort_0_nan, r.start_time AS sort_1, r.run_uuid AS sort_2 FROM runs AS r CROSS JOIN latest_metrics AS s0 WHERE r.experiment_id = 1 AND r.lifecycle_stage = 'active' AND NOT ((r.status = @1 AND r.status COLLATE Latin1_General_100_BIN2 = @2)) AND s0.is_nan = 0 AND (s0."key" = @3 AND s0."key" COLLATE Latin1_General_100_BIN2 = @4) AND s0.run_uuid = r.run_uuid AND s0.value < @5 AND s0.is_nan = 0 AND EXISTS (SELECT 1 FROM params AS f WHERE f.run_uuid = r.run_uuid AND (f."key" = @6 AND f."key" COLLATE Latin1_General_100_BIN2 = @7) AND (f.value = @8 AND f.value COLLATE Latin1_General_100_BIN2 = @9)) ORDER BY s0.value DESC, r.start_time DESC, r.run_uuid OFFSET 0 ROWS FETCH NEXT 6 ROWS ONLY
  ["FAILED", "FAILED", "loss", "loss", 1, "lr", "lr", "0.1", "0.1"]
SELECT lifecycle_stage, experiment_id FROM runs WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT p."key" AS "key", p.value AS value, p.timestamp AS timestamp, p.step AS step, p.is_nan AS is_nan FROM metrics AS p WHERE p.run_uuid = @1 AND p."key" = @2 ORDER BY p.timestamp, p.step, p.value, p.is_nan
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "loss"]
SELECT lifecycle_stage, experiment_id FROM runs WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT assessment_id, assessment_metadata FROM assessments WHERE assessment_metadata LIKE @1
  ["%\"mlflow.assessment.sourceRunId\"%"]
UPDATE runs SET lifecycle_stage = @1, deleted_time = @2 WHERE run_uuid = @3
  ["deleted", <now>, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT lifecycle_stage, experiment_id FROM runs WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
UPDATE runs SET lifecycle_stage = @1, deleted_time = @2 WHERE run_uuid = @3
  ["active", null, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT request_id, experiment_id, timestamp_ms, execution_time_ms, status, client_request_id, request_preview, response_preview FROM trace_info WHERE request_id = @1
  ["tr-abababababababababababababababab"]
SELECT request_id, "key", value FROM trace_tags WHERE request_id IN (@1) ORDER BY "key"
  ["tr-abababababababababababababababab"]
SELECT request_id, "key", value FROM trace_request_metadata WHERE request_id IN (@1) ORDER BY "key"
  ["tr-abababababababababababababababab"]
SELECT assessment_id, trace_id, name, assessment_type, value, error, created_timestamp, last_updated_timestamp, source_type, source_id, span_id, rationale, overrides, valid, assessment_metadata FROM assessments WHERE trace_id IN (@1) ORDER BY created_timestamp, assessment_id
  ["tr-abababababababababababababababab"]
SELECT trace_id, span_id, parent_span_id, name, content, CAST(start_time_unix_nano AS CHAR(20)) AS start_nano, CAST(COALESCE(end_time_unix_nano, start_time_unix_nano) AS CHAR(20)) AS end_nano FROM spans WHERE trace_id IN (@1) ORDER BY start_time_unix_nano, span_id
  ["tr-abababababababababababababababab"]
SELECT t.request_id AS request_id, t.timestamp_ms AS sort_0, t.request_id AS sort_1 FROM trace_info AS t WHERE t.experiment_id IN (1) AND EXISTS (SELECT 1 FROM trace_tags AS v WHERE v.request_id = t.request_id AND (v."key" = @1 AND v."key" COLLATE Latin1_General_100_BIN2 = @2) AND (v.value = @3 AND v.value COLLATE Latin1_General_100_BIN2 = @4)) AND 1 = 1 ORDER BY t.timestamp_ms DESC, t.request_id OFFSET 0 ROWS FETCH NEXT 6 ROWS ONLY
  ["team", "team", "blue", "blue"]
SELECT experiment_id, timestamp_ms FROM trace_info WHERE request_id = @1
  ["tr-abababababababababababababababab"]
MERGE INTO trace_tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3)) AS new ("key", "value", "request_id") ON old."key" = new."key" AND old."request_id" = new."request_id" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "request_id") VALUES (new."key", new."value", new."request_id");
  ["team", "red", "tr-abababababababababababababababab"]
DELETE FROM autolog_journals WHERE journal_id = @1
  ["journal"]
