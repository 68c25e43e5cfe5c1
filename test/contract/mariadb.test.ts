import { requireMariadb } from '../support/servers.ts';
import { testServerDatabase } from './server-database.ts';

testServerDatabase('MariaDB', requireMariadb(), {
  exactKeys: 'MySQL and MariaDB compare texts without case, accents and spaces at the end, in MLflow’s tables too',
});
