/** The agents: each fetches its machine's commands, runs their steps and reports what became of them. */
import {
  type CommandRecord,
  type CommandStatus,
  type Invocation,
  isOver,
  outcome,
  type StepResult,
} from '#local-aws/ssm/command-record.ts';
import { documentSeconds, stepSeconds } from '#local-aws/ssm/step-seconds.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Releases } from '../releases.ts';
import type { Machine } from '../servers/machine.ts';
import { ScriptProcess } from '../servers/script-process.ts';
import { download, type StepEnd } from './download.ts';
import type { ScriptResult } from './scripts/script.ts';
import type { SimulatedDocuments } from './simulated-documents.ts';

/** From SendCommand to the agent's start. */
const FETCH_MS = [200, 1_500] as const;
/** Now and then the agent is busy, or its connection is being made anew. */
const SLOW_FETCH_MS = [1_500, 5_000] as const;
/** How much longer everything takes a slow agent. */
const SLOWNESS = 8;
/** From the agent's start until Systems Manager shows it. */
const NOTICE_MS = [20, 400] as const;
const REPORT_MS = [50, 1_000] as const;
const CANCEL_MS = [200, 3_000] as const;
/** Between two attempts of an agent that is not heard. */
const RETRY_MS = 1_000;
/** The exit code of a process that was killed. */
const KILLED = 137;

/** A command on its machine. */
export interface Job {
  readonly record: CommandRecord;
  readonly invocation: Invocation;
  readonly machine: Machine;
  /** Process of the step that runs; undefined before the agent has begun and after its end. */
  process?: ScriptProcess | undefined;
  begun: boolean;
  /** A cancellation that the agent knows of. */
  cancelled: boolean;
  /** Why the step that runs was ended from outside. */
  interrupt?: (why: 'Cancelled' | 'TimedOut') => void;
}

export interface AgentsOptions {
  readonly kernel: Kernel;
  readonly releases: Releases;
  readonly documents: SimulatedDocuments;
}

export class Agents {
  private readonly options: AgentsOptions;

  constructor(options: AgentsOptions) {
    this.options = options;
  }

  /** Brings a command that was just sent to its agent. */
  deliver(job: Job): void {
    const { kernel } = this.options;
    const { record, machine } = job;
    // The total time-out: that of the delivery and that of the steps together (user guide, monitor-commands: Pending).
    kernel.after(record.expiresAtMs - kernel.now(), () => {
      if (!job.begun) this.set(job, 'TimedOut', 'DeliveryTimedOut');
    });
    const fetch = (): void => {
      if (isOver(job.invocation.status) || machine.power === 'terminated') return;
      if (machine.reachAgent()) void this.run(job);
      else kernel.after(RETRY_MS, fetch);
    };
    kernel.after(this.paced(machine, machine.random.chance(0.15) ? SLOW_FETCH_MS : FETCH_MS), fetch);
  }

  /** Before the agent has it, a command is cancelled at once; after that at the agent's next moment, and never while it is silent. */
  cancel(job: Job): void {
    const { invocation, machine } = job;
    if (isOver(invocation.status)) return;
    const status = job.begun ? 'Cancelling' : 'Cancelled';
    this.set(job, status, status);
    this.options.kernel.after(this.paced(machine, CANCEL_MS), () => {
      if (!machine.reachAgent()) return;
      job.cancelled = true;
      job.interrupt?.('Cancelled');
    });
  }

  private async run(job: Job): Promise<void> {
    const { kernel } = this.options;
    const { record, invocation, machine } = job;
    const { boot } = machine;
    const beganAtMs = kernel.now();
    job.begun = true;
    kernel.after(this.paced(machine, NOTICE_MS), () => {
      if (invocation.status === 'Pending') this.set(job, 'InProgress', 'InProgress');
    });
    invocation.startedAtMs = beganAtMs;
    // What an agent does not report in time, Systems Manager gives up on.
    kernel.after(documentSeconds(record.version.document, record.values) * 1000, () => this.set(job, 'TimedOut', 'ExecutionTimedOut'));
    const report = (steps: readonly StepResult[]): void => {
      if (isOver(invocation.status)) return;
      if (!machine.reachAgent()) {
        kernel.after(RETRY_MS, () => report(steps));
        return;
      }
      invocation.steps = steps;
      const onFailure = record.version.document.mainSteps.map(({ inputs }) => inputs['onFailure']);
      this.set(job, ...outcome(steps, onFailure));
    };
    const interrupted = (): void => report([crashedStep(record, beganAtMs, kernel.now())]);
    machine.atAgentStart.push(interrupted);
    const steps = await this.runSteps(job);
    kernel.after(this.paced(machine, REPORT_MS), () => {
      // After a reboot meanwhile, `interrupted` has reported.
      if (machine.boot !== boot) return;
      machine.atAgentStart.splice(machine.atAgentStart.indexOf(interrupted), 1);
      report(steps);
    });
  }

  private async runSteps(job: Job): Promise<StepResult[]> {
    const { kernel } = this.options;
    const results: StepResult[] = [];
    let archiveSha256: string | undefined;
    for (const step of job.record.version.document.mainSteps) {
      const startedAtMs = kernel.now();
      const end = (status: StepResult['status'], result: ScriptResult) =>
        results.push({ name: step.name, status, ...result, startedAtMs, endedAtMs: kernel.now() });
      if (results.some(({ status }) => status === 'Cancelled' || status === 'TimedOut')) {
        end('Skipped', { code: 0, stdout: '', stderr: '' });
        continue;
      }
      const seconds = stepSeconds(step, job.record.values);
      const ended = await this.runStep(job, seconds, (process) =>
        step.action === 'aws:downloadContent'
          ? download(job.machine, process, this.options.releases, job.record.values)
          : this.runScript(job, process, archiveSha256),
      );
      if (ended === 'Cancelled' || ended === 'TimedOut') {
        end(ended, { code: KILLED, stdout: '', stderr: '' });
        continue;
      }
      archiveSha256 ??= ended.archiveSha256;
      const { code, stdout, stderr } = ended;
      end(code === 0 ? 'Success' : 'Failed', { code, stdout, stderr });
    }
    return results;
  }

  /** A step to its end, or until the agent kills it. Nothing comes of it when the machine ends. */
  private runStep(
    job: Job,
    seconds: number,
    begin: (process: ScriptProcess) => Promise<StepEnd>,
  ): Promise<StepEnd | 'Cancelled' | 'TimedOut'> {
    const { kernel } = this.options;
    if (job.cancelled) return Promise.resolve('Cancelled');
    const process = new ScriptProcess(kernel);
    job.process = process;
    job.machine.scripts.add(process);
    return new Promise((resolve) => {
      const end = (result: StepEnd | 'Cancelled' | 'TimedOut') => {
        if (process.isOver) return;
        process.end();
        job.machine.scripts.delete(process);
        job.process = undefined;
        timer.cancel();
        resolve(result);
      };
      const timer = kernel.after(seconds * 1000, () => end('TimedOut'));
      job.interrupt = end;
      begin(process).then(end, (error: unknown) => kernel.fail(error));
    });
  }

  private async runScript({ record, machine }: Job, process: ScriptProcess, archiveSha256: string | undefined): Promise<StepEnd> {
    const parameters = Object.fromEntries(Object.entries(record.values).map(([name, value]) => [name, String(value)]));
    const { code, stdout, stderr } = await this.options.documents.script(record.documentName)({
      machine,
      process,
      parameters,
      archiveSha256,
    });
    return { code, stdout, stderr: code === 0 ? stderr : `${stderr}failed to run commands: exit status ${code}` };
  }

  private set({ record, invocation }: Job, status: CommandStatus, details: string): void {
    if (isOver(invocation.status)) return;
    invocation.status = status;
    invocation.statusDetails = details;
    if (isOver(status)) invocation.endedAtMs = this.options.kernel.now();
    this.options.kernel.note('command', `${record.documentName} ${record.commandId} on ${invocation.instanceId}: ${details}`);
  }

  private paced(machine: Machine, range: readonly [least: number, most: number]): number {
    return machine.random.whole(...range) * (this.options.kernel.now() < machine.agentSlowUntilMs ? SLOWNESS : 1);
  }
}

/**
 * After a reboot the agent finds the command's channel and no process: the document failed half way, and its first step has the
 * message, whichever step ran.
 * @see https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/framework/processor/executer/outofproc/master.go
 */
function crashedStep(record: CommandRecord, startedAtMs: number, endedAtMs: number): StepResult {
  const name = record.version.document.mainSteps[0]?.name ?? '';
  const stdout =
    'document process failed unexpectedly: document worker timed out , check [ssm-document-worker]/[ssm-session-worker] log for crash reason';
  return { name, status: 'Failed', code: 1, stdout, stderr: '', startedAtMs, endedAtMs };
}
