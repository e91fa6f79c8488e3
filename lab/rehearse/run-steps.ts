/** Runs the steps in order, and stops at the first that is not as the page says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { showWait } from '../../cli/output.ts';
import { CHECKS } from './checks.ts';
import { commandLine, type Programs } from './command-line.ts';
import type { Place } from './place.ts';
import { costsMoney, type Step } from './read-steps.ts';
import { runCommand } from './run-command.ts';

export interface StepResult {
  readonly name: string;
  readonly seconds: number;
  readonly ok: boolean;
  /** What was wrong. */
  readonly problem?: string;
}

export interface Rehearsal {
  readonly place: Place;
  readonly programs: Programs;
  readonly folder: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Whether a step that costs money may run. */
  agree(step: Step): Promise<boolean>;
  /** A line for people. */
  say(line: string): void;
}

/** Lines of a failed command that are shown. */
const TAIL_LINES = 25;

export async function runSteps(steps: readonly Step[], rehearsal: Rehearsal): Promise<StepResult[]> {
  const { place, say, agree } = rehearsal;
  const results: StepResult[] = [];
  const done: Step[] = [];
  for (const [index, step] of steps.entries()) {
    if (!place.local && costsMoney(step) && !(await agree(step))) {
      say(`stopped before "${step.name}"`);
      break;
    }
    const startedMs = performance.now();
    const problem = await runStep(step, path.join(rehearsal.folder, `step-${index + 1}.log`), rehearsal);
    const seconds = Number(((performance.now() - startedMs) / 1_000).toFixed(1));
    results.push({ name: step.name, seconds, ok: problem === undefined, ...(problem !== undefined && { problem }) });
    say(
      `${problem === undefined ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(7)} s  ${index + 1}. ${step.name}${problem === undefined ? '' : `: ${problem}`}`,
    );
    done.push(step);
    if (problem !== undefined) break;
  }
  // The local cloud disappears with everything in it.
  if (!place.local && done.length < steps.length)
    for (const { name, undo } of done.toReversed()) if (!undo.startsWith('nothing')) say(`to undo "${name}": ${undo}`);
  return results;
}

async function runStep(step: Step, logFile: string, { place, programs, cwd, signal, say }: Rehearsal): Promise<string | undefined> {
  for (const words of step.commands) {
    const line = commandLine(words, place.variables, programs);
    say(`              $ ${words.join(' ')}`);
    const ended = await showWait('still at work', () => runCommand(line, { cwd, env: place.env, logFile, signal }));
    signal.throwIfAborted();
    if (ended !== undefined) return `"${words.join(' ')}" ${ended}:\n${tailOf(logFile, place)}`;
  }
  return CHECKS[step.name]?.(place).catch((error: Error) => error.message);
}

/** The end of a log without the account's id, since it is meant to be shown to others. */
function tailOf(logFile: string, { account }: Place): string {
  const text = readFileSync(logFile, 'utf8').trim().split('\n').slice(-TAIL_LINES).join('\n');
  return text.replaceAll(account, 'ACCOUNT');
}
