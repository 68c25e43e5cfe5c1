import { requirePostgresql } from '../support/servers.ts';
import { testServerDatabase } from './server-database.ts';

testServerDatabase('PostgreSQL', requirePostgresql());
