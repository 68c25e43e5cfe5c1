SELECT position FROM autolog_journals WITH (UPDLOCK, ROWLOCK) WHERE journal_id = @1
  ["journal"]
MERGE INTO autolog_journals WITH (HOLDLOCK) AS old USING (VALUES (@1, @2)) AS new ("journal_id", "position") ON old."journal_id" = new."journal_id" WHEN NOT MATCHED THEN INSERT ("journal_id", "position") VALUES (new."journal_id", new."position");
  ["journal", 0]
SELECT position FROM autolog_journals WITH (UPDLOCK, ROWLOCK) WHERE journal_id = @1
  ["journal"]
SAVE TRANSACTION autolog_record
  []
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
MERGE INTO tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3)) AS new ("key", "value", "run_uuid") ON old."key" = new."key" AND old."run_uuid" = new."run_uuid" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "run_uuid") VALUES (new."key", new."value", new."run_uuid");
  ["mlflow.user", "ada", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
MERGE INTO tags WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3)) AS new ("key", "value", "run_uuid") ON old."key" = new."key" AND old."run_uuid" = new."run_uuid" WHEN MATCHED THEN UPDATE SET "value" = new."value" WHEN NOT MATCHED THEN INSERT ("key", "value", "run_uuid") VALUES (new."key", new."value", new."run_uuid");
  ["mlflow.runName", "calm-owl-7", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
SELECT 1 AS released
  []
SAVE TRANSACTION autolog_record
  []
SELECT lifecycle_stage, experiment_id FROM runs WITH (UPDLOCK, ROWLOCK) WHERE run_uuid = @1
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
MERGE INTO metrics WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6)) AS new ("key", "value", "timestamp", "run_uuid", "step", "is_nan") ON old."key" = new."key" AND old."value" = new."value" AND old."timestamp" = new."timestamp" AND old."run_uuid" = new."run_uuid" AND old."step" = new."step" AND old."is_nan" = new."is_nan" WHEN NOT MATCHED THEN INSERT ("key", "value", "timestamp", "run_uuid", "step", "is_nan") VALUES (new."key", new."value", new."timestamp", new."run_uuid", new."step", new."is_nan");
  ["loss", 1, 2000, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, 0]
MERGE INTO latest_metrics WITH (HOLDLOCK) AS old USING (VALUES (@1, @2, @3, @4, @5, @6)) AS new ("key", "value", "timestamp", "run_uuid", "step", "is_nan") ON old."key" = new."key" AND old."run_uuid" = new."run_uuid" WHEN MATCHED AND ((new."step" > old."step") OR (new."step" = old."step" AND new."timestamp" > old."timestamp") OR (new."step" = old."step" AND new."timestamp" = old."timestamp" AND new."value" > old."value")) THEN UPDATE SET "value" = new."value", "timestamp" = new."timestamp", "step" = new."step", "is_nan" = new."is_nan" WHEN NOT MATCHED THEN INSERT ("key", "value", "timestamp", "run_uuid", "step", "is_nan") VALUES (new."key", new."value", new."timestamp", new."run_uuid", new."step", new."is_nan");
  ["loss", 1, 2000, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0, 0]
SELECT 1 AS released
  []
SAVE TRANSACTION autolog_record
  []
SELECT lifecycle_stage, experiment_id FROM runs WITH (UPDLOCK, ROWLOCK) WHERE run_uuid = @1
  ["<id>"]
ROLLBACK TRANSACTION autolog_record
  []
SELECT 1 AS released
  []
MERGE INTO autolog_journals WITH (HOLDLOCK) AS old USING (VALUES (@1, @2)) AS new ("journal_id", "position") ON old."journal_id" = new."journal_id" WHEN MATCHED THEN UPDATE SET "position" = new."position" WHEN NOT MATCHED THEN INSERT ("journal_id", "position") VALUES (new."journal_id", new."position");
  ["journal", 3]
