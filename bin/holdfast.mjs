#!/usr/bin/env node
/** Runs the command under the pinned Node, whatever Node the machine has. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { nodeBinary } from '../setup/node-binary.mjs';

let node;
try {
  node = nodeBinary();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const main = fileURLToPath(new URL('main.ts', import.meta.url));
const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C goes to the whole terminal group: the command handles it, this wrapper waits.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
