/** Runs the programs that set-up needs, each with a time limit and its output in a log file. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname } from 'node:path';
import { SetupError } from './setup-error.mjs';
import { signalGroup } from './signal-group.mjs';

const SHOWN_LINES = 15;
/** Where the error messages of npm, pip, apt and Maven begin; npm prints pages of usage after them. */
const FIRST_ERROR = /^(npm error|ERROR:|E:|Error:|\[ERROR\])/;
/** After SIGTERM, before SIGKILL: npm and pip need well under a second to remove their temporary files. */
const GRACE_MS = 5_000;

/** On a terminal a row that moves each second, elsewhere a line every 15 s. @param {string} step */
function showThatItRuns(step) {
  const startedAtMs = Date.now();
  const isRow = process.stderr.isTTY && process.env.TERM !== 'dumb';
  const erase = isRow ? '\r\u001b[2K' : '';
  const show = () =>
    process.stderr.write(
      `${erase}set-up: ${step} is still at work, ${Math.round((Date.now() - startedAtMs) / 1000)} s${isRow ? '' : '\n'}`,
    );
  const timer = setInterval(show, isRow ? 1_000 : 15_000);
  return {
    end() {
      clearInterval(timer);
      process.stderr.write(erase);
    },
  };
}

/**
 * @typedef {object} CommandOptions
 * @property {string} logFile receives the command's output; replaced unless `append`
 * @property {boolean} [append]
 * @property {number} timeoutMs
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {(pid: number) => void} [onStart] called with the process id, which is also its process group's
 */

/**
 * Runs a command and returns whether it succeeded. A signal that ends set-up ends the command first.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<{ ok: boolean, reason: string }>} `reason` is empty when ok; else `exit code 1`, `timed out after 600 s`, …
 * @throws SetupError when set-up was interrupted
 */
export async function tryCommand(command, args, options) {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, options.append ? 'a' : 'w');
  // Its own group, so that everything it starts ends with it, and a Ctrl-C reaches it once, from here.
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  if (child.pid !== undefined) options.onStart?.(child.pid);
  let interruptedBy;
  let timedOut = false;
  const end = () => {
    if (child.pid === undefined) return;
    signalGroup(child.pid, 'SIGTERM');
    setTimeout(() => signalGroup(child.pid, 'SIGKILL'), GRACE_MS).unref();
  };
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, options.timeoutMs);
  const interrupt = (signal) => {
    interruptedBy = signal;
    end();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, interrupt);
  const shown = showThatItRuns(basename(options.logFile, '.log').replace(/^setup-/, ''));
  const result = await new Promise((resolve) => {
    child.once('error', (error) => resolve({ ok: false, reason: error.message }));
    child.once('exit', (code, signal) =>
      resolve({ ok: code === 0, reason: code === 0 ? '' : signal ? `ended by ${signal}` : `exit code ${code}` }),
    );
  });
  clearTimeout(timer);
  shown.end();
  for (const signal of signals) process.off(signal, interrupt);
  if (interruptedBy)
    throw new SetupError(`Set-up was interrupted by ${interruptedBy}: start again to finish it.`, {
      exitCode: 128 + constants.signals[interruptedBy],
    });
  return timedOut ? { ok: false, reason: `timed out after ${Math.round(options.timeoutMs / 1000)} s` } : result;
}

/**
 * As `tryCommand`, but a failure is an error that quotes the end of the log.
 *
 * @param {string} what names the step in the error: `npm ci`
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions & { advice?: string }} options `advice` is what the user can do, for the error
 */
export async function runCommand(what, command, args, options) {
  const { ok, reason } = await tryCommand(command, args, options);
  if (!ok) throw commandFailed(what, reason, options.logFile, options.advice);
}

/**
 * @param {string} what
 * @param {string} reason
 * @param {string} logFile
 * @param {string} [advice]
 */
export function commandFailed(what, reason, logFile, advice = '') {
  const lines = errorLinesOf(logFile);
  return new SetupError(`${what} failed (${reason}).${advice ? ` ${advice}` : ''} Full log: ${logFile}${lines ? `\n${lines}` : ''}`);
}

/**
 * Runs a short command.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {number} [timeoutMs]
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} its output, or undefined when it is absent, fails or times out
 */
export function outputOf(command, args, timeoutMs = 10_000, env = process.env) {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    env,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : undefined;
}

function errorLinesOf(logFile) {
  try {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
    const first = lines.findIndex((line) => FIRST_ERROR.test(line));
    const shown = first === -1 ? lines.slice(-SHOWN_LINES) : lines.slice(first, first + SHOWN_LINES);
    return shown.map((line) => `  ${line}`).join('\n');
  } catch {
    return '';
  }
}
