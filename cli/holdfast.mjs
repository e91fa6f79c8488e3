#!/usr/bin/env node
/** Runs the command under the pinned Node, whatever Node the machine has. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { nodeBinary } from '../setup/node-binary.mjs';

const main = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), 'main.ts');
// Ctrl-C goes to the whole terminal group: the command answers it, this wrapper waits.
process.on('SIGINT', () => {});
const { status, signal } = spawnSync(nodeBinary(), ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? (signal ? 130 : 1));
