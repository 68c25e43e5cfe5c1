import type { DialectName } from '../dialect.ts';

/**
 * Statements that make the trigger by which MLflow keeps the names of its secrets from changing.
 *
 * Source: mlflow/store/db_migrations/versions/1bd49d398cd23, read at 3.17.2.
 */
export function writeSecretsTrigger(dialect: DialectName): readonly string[] {
  return TRIGGERS[dialect];
}

const MESSAGE = "'secret_id and secret_name are immutable (used as AAD in encryption)'";
const HAS_CHANGED = 'OLD.secret_id != NEW.secret_id OR OLD.secret_name != NEW.secret_name';
const BEFORE_UPDATE = 'CREATE TRIGGER prevent_secrets_aad_mutation BEFORE UPDATE ON secrets FOR EACH ROW';

const TRIGGERS: Readonly<Record<DialectName, readonly string[]>> = {
  sqlite: [`${BEFORE_UPDATE}\nWHEN ${HAS_CHANGED}\nBEGIN\n  SELECT RAISE(ABORT, ${MESSAGE});\nEND`],
  postgresql: [
    `CREATE OR REPLACE FUNCTION prevent_secrets_aad_mutation() RETURNS TRIGGER AS $$
BEGIN
    IF ${HAS_CHANGED} THEN
        RAISE EXCEPTION ${MESSAGE};
    END IF;
    RETURN NEW;
END;
$$ LANGUAGE plpgsql`,
    `${BEFORE_UPDATE} EXECUTE FUNCTION prevent_secrets_aad_mutation()`,
  ],
  mysql: [
    'DROP TRIGGER IF EXISTS prevent_secrets_aad_mutation',
    `${BEFORE_UPDATE}
BEGIN
    IF ${HAS_CHANGED} THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = ${MESSAGE};
    END IF;
END`,
  ],
  mssql: [
    `CREATE TRIGGER prevent_secrets_aad_mutation ON secrets AFTER UPDATE AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (
        SELECT 1 FROM inserted i INNER JOIN deleted d ON i.secret_id = d.secret_id
        WHERE i.secret_id != d.secret_id OR i.secret_name != d.secret_name
    )
    BEGIN
        RAISERROR(${MESSAGE}, 16, 1);
        ROLLBACK TRANSACTION;
    END
END`,
  ],
};
