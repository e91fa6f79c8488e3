/** Sets up, then runs the script, which gets the terminal and the signals and gives the exit code. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, resolve } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { setUp } from './set-up.mjs';
import { SetupError } from './setup-error.mjs';

/** One Ctrl-C arrives several times: from the terminal, and again from npm, which forwards it. */
const SAME_SIGNAL_MS = 1_000;

/**
 * @param {readonly string[]} args SCRIPT, relative to the checkout, and its arguments, passed on unread
 * @returns {Promise<number>} exit code
 */
export async function runScript([script, ...args]) {
  const setup = await setUp({ command: script === undefined ? [] : [script, ...args] });
  if (script === undefined) return 0;
  // Programs that start with `#!/usr/bin/env node` get the pinned Node too.
  const PATH = [dirname(setup.node), process.env.PATH].filter(Boolean).join(delimiter);
  // The script's times begin where its user's wait does. By our id, since its children inherit it.
  const env = { ...process.env, PATH, HOLDFAST_STARTED: `${process.pid}:${Math.round(performance.timeOrigin)}` };
  // Early releases of Node 24 warn about running TypeScript on every start.
  const nodeArgs = ['--disable-warning=ExperimentalWarning', resolve(CHECKOUT, script), ...args];
  const child = spawn(setup.node, nodeArgs, { stdio: 'inherit', env });
  passSignalsTo(child);
  return new Promise((done, fail) => {
    child.once('error', (error) =>
      fail(new SetupError(`${setup.node} does not start (${error.message}): remove node_modules, then start again.`, { cause: error })),
    );
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]));
  });
}

function passSignalsTo(child) {
  const lastMs = {};
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // The terminal sends Ctrl-C to the script as well, and a second one may mean "end at once".
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      const now = performance.now();
      if (now - (lastMs[signal] ?? Number.NEGATIVE_INFINITY) < SAME_SIGNAL_MS) return;
      lastMs[signal] = now;
      child.kill(signal);
    });
  }
}
