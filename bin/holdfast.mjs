#!/usr/bin/env node
/** Runs the command under the pinned Node, whatever Node the machine has. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { nodeBinary } from '../setup/node-binary.mjs';
import { requirePackages } from '../setup/require-packages.mjs';

let node;
try {
  // The local cloud is as good a beginning as `npm start`, which sets up too.
  const [command, ...args] = process.argv.slice(2);
  if (command === 'up' && !args.includes('--help')) {
    const { setUp } = await import('../setup/set-up.mjs');
    await setUp({ command: ['up', ...args] });
  }
  requirePackages();
  node = nodeBinary();
} catch (error) {
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { code: error.name, message: error.message } })}\n`);
  else process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode ?? 1);
}
const main = fileURLToPath(new URL('main.ts', import.meta.url));
const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C goes to the whole terminal group: the command handles it, this wrapper waits.
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
