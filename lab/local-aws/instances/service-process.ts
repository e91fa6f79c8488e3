/** One service as systemd runs it: start, stop, restart after a failure. */
import { closeSync, existsSync } from 'node:fs';
import { constants } from 'node:os';
import { signalGroup } from '../../../setup/signal-group.mjs';
import { type GroupOptions, type GroupProcess, type ProcessExit, startGroup, stopGroup } from '../../processes/process-group.ts';
import { within } from '../../processes/wait.ts';
import type { Log } from '../interfaces.ts';
import type { Journal } from './journal.ts';
import { serviceEnvironment } from './service-environment.ts';
import type { ExecLine, ServiceUnit } from './unit-file.ts';

export type ServiceState = 'inactive' | 'activating' | 'active' | 'deactivating' | 'failed';

export interface ServiceOptions {
  readonly name: string;
  readonly unit: ServiceUnit;
  /** What every process of the machine gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts the units that it wants and requires, at every start, also an automatic one. @returns why it must not start */
  readonly startOthers: () => Promise<string | undefined>;
  /** Where its output goes. */
  readonly journal: Journal;
  readonly ledger: GroupOptions['ledger'];
  readonly log: Log;
}

/** Signals that end a service cleanly, as systemd sees it. */
const CLEAN_SIGNALS: ReadonlySet<string> = new Set(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE']);

export class ServiceProcess {
  readonly #options: ServiceOptions;
  #state: ServiceState = 'inactive';
  #main: GroupProcess | undefined;
  /** The ExecStartPre that runs now. */
  #before: GroupProcess | undefined;
  /** Counts starts and stops by hand: a waiting start ends when a newer one follows. */
  #turn = 0;
  #restarts = 0;
  /** The run of a one-shot that has not ended. */
  #run: Promise<string | undefined> | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #starts: number[] = [];
  #lastExit = '';
  #lastStatus = 0;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  get state(): ServiceState {
    return this.#state;
  }
  /** Process id of the main process; 0 while there is none. */
  get mainPid(): number {
    return this.#main?.pid ?? 0;
  }
  /** Automatic restarts since the last start by hand. */
  get restarts(): number {
    return this.#restarts;
  }
  /** How the main process ended last, in words. */
  get lastExit(): string {
    return this.#lastExit;
  }

  /** Exit code of the main process, or the number of the signal that ended it. */
  get lastStatus(): number {
    return this.#lastStatus;
  }

  /** Starts it unless it is running. @returns why it failed, or undefined */
  async start(): Promise<string | undefined> {
    if (this.#state === 'active') return undefined;
    if (this.#run !== undefined) return this.#run;
    await this.#overtake();
    this.#restarts = 0;
    const begun = this.#begin();
    if (!this.#options.unit.oneShot) return begun;
    this.#run = begun.finally(() => {
      this.#run = undefined;
    });
    return this.#run;
  }

  /** SIGTERM (or the unit's KillSignal), SIGKILL after TimeoutStopSec. Resolves when it is gone. */
  async stop(): Promise<void> {
    await this.#overtake();
    const main = this.#main;
    if (main === undefined) {
      if (this.#state !== 'failed') this.#state = 'inactive';
      return;
    }
    this.#state = 'deactivating';
    await stopGroup(main, this.#options.unit.killSignal, this.#options.unit.stopTimeoutMs);
    this.#main = undefined;
    this.#state = 'inactive';
    this.#options.journal.note(`Stopped ${this.#options.unit.description}.`);
  }

  /** SIGKILL to all of it, as a crash would: Restart= applies. */
  kill(): boolean {
    return this.#main !== undefined && signalGroup(this.#main.pid, 'SIGKILL');
  }

  /** Forgets a failure. */
  reset(): void {
    if (this.#state === 'failed') this.#state = 'inactive';
    this.#starts = [];
  }

  async #overtake(): Promise<void> {
    this.#turn += 1;
    clearTimeout(this.#restartTimer);
    if (this.#before !== undefined) await stopGroup(this.#before, 'SIGTERM', 1_000);
  }

  async #begin(): Promise<string | undefined> {
    const { unit, name } = this.#options;
    const turn = this.#turn;
    this.#state = 'activating';
    const failed = await this.#options.startOthers();
    if (turn !== this.#turn) return 'stopped while it was starting';
    if (failed !== undefined) {
      // As in systemd: a start that failed for another unit is over, and Restart= does not apply to it.
      this.#state = 'inactive';
      this.#lastExit = failed;
      return failed;
    }
    const unmet = unit.conditionPaths.find((path) => (path.startsWith('!') ? existsSync(path.slice(1)) : !existsSync(path)));
    if (unmet !== undefined) {
      this.#state = 'inactive';
      this.#options.log(`${name}: not started: ConditionPathExists=${unmet} was not met`);
      return undefined;
    }
    if (this.#overStartLimit()) {
      this.#state = 'failed';
      return 'start request repeated too quickly';
    }
    for (const line of unit.execStartPre) {
      const exit = await this.#runBefore(line);
      if (turn !== this.#turn) return 'stopped while it was starting';
      if (!line.mayFail && exit.code !== 0) return this.#failed(`ExecStartPre ${wordsOf(exit)}`);
    }
    const main = this.#spawn(unit.execStart);
    if (typeof main === 'string') return this.#failed(main);
    if (main.pid === 0) return this.#failed((await main.exited).error ?? 'cannot be started');
    this.#main = main;
    this.#options.journal.note(`${unit.oneShot ? 'Starting' : 'Started'} ${unit.description}.`);
    if (unit.oneShot) return this.#runToEnd(main, turn);
    this.#state = 'active';
    void main.exited.then((exit) => this.#ended(main, exit));
    return undefined;
  }

  async #runToEnd(main: GroupProcess, turn: number): Promise<string | undefined> {
    const { unit } = this.#options;
    if (!(await within(main.exited, unit.startTimeoutMs))) await stopGroup(main, unit.killSignal, 2_000);
    const exit = await main.exited;
    if (turn !== this.#turn) return 'stopped while it was running';
    this.#main = undefined;
    signalGroup(main.pid, 'SIGKILL');
    this.#lastExit = wordsOf(exit);
    if (exit.code !== 0 && !unit.successCodes.includes(exit.code ?? -1)) return this.#failed(this.#lastExit);
    this.#state = unit.remainAfterExit ? 'active' : 'inactive';
    return undefined;
  }

  #overStartLimit(): boolean {
    const { burst, intervalMs } = this.#options.unit.startLimit;
    const now = performance.now();
    this.#starts = [...this.#starts.filter((at) => now - at < intervalMs), now];
    return intervalMs > 0 && this.#starts.length > burst;
  }

  async #runBefore(line: ExecLine): Promise<ProcessExit> {
    const group = this.#spawn(line);
    if (typeof group === 'string') return { code: null, signal: null, error: group };
    this.#before = group;
    if (!(await within(group.exited, this.#options.unit.startTimeoutMs))) await stopGroup(group, 'SIGTERM', 2_000);
    if (this.#before === group) this.#before = undefined;
    return group.exited;
  }

  /** Environment files are read before each process, so that ExecStartPre can write one. */
  #spawn(line: ExecLine): GroupProcess | string {
    const { name, unit, journal, ledger } = this.#options;
    const environment = serviceEnvironment(unit, this.#options.environment);
    if (typeof environment === 'string') return environment;
    const output = journal.open();
    try {
      const cwd = unit.workingDirectory;
      return startGroup(line.program, line.args, {
        name,
        ledger,
        ...(cwd === undefined ? {} : { cwd }),
        env: environment,
        stdio: ['ignore', output, output],
      });
    } finally {
      closeSync(output);
    }
  }

  #ended(main: GroupProcess, exit: ProcessExit): void {
    if (this.#main !== main || this.#state === 'deactivating') return;
    this.#main = undefined;
    signalGroup(main.pid, 'SIGKILL');
    this.#lastExit = wordsOf(exit);
    this.#lastStatus = statusOf(exit);
    this.#options.log(`${this.#options.name}: ${this.#lastExit}`);
    this.#options.journal.note(
      `${this.#options.name}: Main process exited, code=${exit.signal === null ? 'exited' : 'killed'}, status=${this.#lastStatus}`,
    );
    const clean =
      exit.signal === null ? exit.code === 0 || this.#options.unit.successCodes.includes(exit.code ?? -1) : CLEAN_SIGNALS.has(exit.signal);
    if (!clean) void this.#failed(this.#lastExit);
    else if (this.#options.unit.restart === 'always') this.#scheduleRestart();
    else this.#state = 'inactive';
  }

  #failed(reason: string): string {
    this.#lastExit = reason;
    this.#options.journal.note(`${this.#options.name}: Failed: ${reason}.`);
    if (this.#options.unit.restart === 'no') this.#state = 'failed';
    else this.#scheduleRestart();
    return reason;
  }

  #scheduleRestart(): void {
    this.#state = 'activating';
    this.#restartTimer = setTimeout(() => {
      this.#restarts += 1;
      void this.#begin();
    }, this.#options.unit.restartMs);
  }
}

const statusOf = ({ code, signal }: ProcessExit): number => code ?? (signal === null ? 0 : constants.signals[signal]);

function wordsOf(exit: ProcessExit): string {
  if (exit.error !== undefined) return exit.error;
  return exit.signal === null ? `exited with ${exit.code}` : `ended by ${exit.signal}`;
}
