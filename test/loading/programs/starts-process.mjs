import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';

// Takes how to start a child (`fork` or `spawn`) and its file.
const [how, file] = process.argv.slice(2);
const child = how === 'fork' ? fork(file) : spawn(process.execPath, [file], { stdio: 'inherit' });
const [code] = await once(child, 'exit');
process.exitCode = code;
