/** Delivers a command to its instances and follows it to the end. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupOptions } from '../../processes/process-group.ts';
import { within } from '../../processes/wait.ts';
import type { EventBus, InstanceDirectory, Log, ManagedInstance, Now } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';
import { type FetchObject, runDocument } from './agent.ts';
import {
  type CommandRecord,
  type CommandStatus,
  commandStatus,
  type Invocation,
  isOver,
  outcome,
  type StepResult,
} from './command-record.ts';
import { nodeArn } from './node-arn.ts';
import { documentSeconds } from './step-seconds.ts';

export interface RunnerOptions {
  readonly now: Now;
  readonly region: string;
  readonly accountId: string;
  readonly instances: InstanceDirectory;
  /** Reads what aws:downloadContent names: `https://BUCKET.s3.REGION.amazonaws.com/KEY`. */
  readonly fetchObject: FetchObject;
  readonly events: EventBus;
  readonly log: Log;
  /** Where a running script is entered. @default nowhere, as in {@link GroupOptions} */
  readonly ledger?: GroupOptions['ledger'];
  /** How long a command takes to reach the agent. */
  readonly deliveryMs: number;
  /** True for an agent that answers nothing although the service holds it for online. @default no agent is */
  readonly agentIsSilent?: (instanceId: string) => boolean;
  /** Length of one second of the time that an agent is waited for. */
  readonly secondMs: number;
}

/** Interval between checks whether an agent is back. */
const AGENT_POLL_MS = 100;
const CRASHED =
  'document process failed unexpectedly: ipc messaging received timeout signal , check [ssm-document-worker]/[ssm-session-worker] log for crash reason';

export class CommandRunner {
  readonly #options: RunnerOptions;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Begins every invocation, at most MaxConcurrency at once. */
  start(record: CommandRecord): void {
    const waiting = [...record.invocations];
    const most = concurrency(record.maxConcurrency, waiting.length);
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await this.#invoke(record, next);
    };
    for (let index = 0; index < most; index += 1) {
      const work = worker().finally(() => this.#running.delete(work));
      this.#running.add(work);
    }
  }

  /** Ends what is running as a shutdown of the service does. */
  async stop(records: Iterable<CommandRecord>): Promise<void> {
    this.#stopped = true;
    for (const { invocations } of records) for (const { cancel } of invocations) cancel.abort();
    await within(Promise.allSettled(this.#running), 10_000);
  }

  /** Cancels one invocation: at once if it has not started, else when its processes have ended. */
  async cancel(record: CommandRecord, invocation: Invocation): Promise<void> {
    if (isOver(invocation.status)) return;
    if (invocation.status === 'Pending') await this.#set(record, invocation, 'Cancelled', 'Cancelled');
    else await this.#set(record, invocation, 'Cancelling', 'Cancelling');
    // An agent that does not respond finishes what it has started.
    if (this.#options.agentIsSilent?.(invocation.instanceId) !== true) invocation.cancel.abort();
  }

  async #invoke(record: CommandRecord, invocation: Invocation): Promise<void> {
    const { instanceId } = invocation;
    const { secondMs } = this.#options;
    try {
      await this.#pause(this.#options.deliveryMs, invocation);
      // The total time-out: that of the delivery and that of the steps together (user guide, monitor-commands: Pending).
      const deliverySeconds = record.timeoutSeconds + documentSeconds(record.version.document, record.values);
      if (!(await this.#agentBack(instanceId, invocation, deliverySeconds * secondMs))) {
        if (invocation.status === 'Pending') await this.#set(record, invocation, 'TimedOut', 'DeliveryTimedOut');
        return;
      }
      const instance = this.#options.instances.get(instanceId);
      if (instance === undefined || isOver(invocation.status)) return;
      const began = performance.now();
      invocation.startedAtMs = this.#options.now();
      await this.#set(record, invocation, 'InProgress', 'InProgress');
      const steps = await this.#run(record, invocation, instance);
      // An agent that died meanwhile cannot report the result; the service gets it when the agent is back, or gives up.
      const limitMs = documentSeconds(record.version.document, record.values) * secondMs - (performance.now() - began);
      const { version } = record;
      const reported = await this.#agentBack(instanceId, invocation, Math.max(0, limitMs));
      invocation.steps = reported ? steps : [];
      const [status, details] = reported
        ? outcome(
            steps,
            version.document.mainSteps.map(({ inputs }) => inputs['onFailure']),
          )
        : (['TimedOut', 'ExecutionTimedOut'] as const);
      await this.#set(record, invocation, status, details);
    } catch (error) {
      this.#options.log(`ssm: ${record.commandId} on ${instanceId}: ${messageOf(error)}`);
      await this.#set(record, invocation, 'Failed', 'Failed');
    }
  }

  /**
   * Runs the document. A machine that is terminated meanwhile takes its processes along. After a reboot the agent finds the command's channel
   * and no process: the document has failed, and the first step has the message, whichever step ran.
   * @see https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/framework/processor/executer/outofproc/master.go
   */
  async #run(record: CommandRecord, invocation: Invocation, instance: ManagedInstance): Promise<StepResult[]> {
    const { region, fetchObject, now, instances, ledger } = this.#options;
    const { commandId, values } = record;
    const rebooted = new AbortController();
    const watch = setInterval(() => {
      const seen = instances.get(instance.instanceId);
      if (seen === undefined) invocation.cancel.abort();
      else if (seen.reboots !== instance.reboots) rebooted.abort();
    }, AGENT_POLL_MS);
    try {
      const { document } = record.version;
      const cancelled = AbortSignal.any([invocation.cancel.signal, rebooted.signal]);
      const steps = await runDocument({ commandId, document, values, instance, region, fetchObject, ledger, cancelled, now });
      if (invocation.cancel.signal.aborted || !steps.some(({ status }) => status === 'Cancelled')) return steps;
      return steps.slice(0, 1).map((first) => ({ ...first, status: 'Failed', code: 1, stdout: CRASHED, stderr: '', endedAtMs: now() }));
    } finally {
      clearInterval(watch);
    }
  }

  /** Waits until the agent answers; false past the limit, when the command is cancelled before it began, or at a shutdown. */
  async #agentBack(instanceId: string, invocation: Invocation, limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    const { instances, agentIsSilent } = this.#options;
    while (instances.get(instanceId)?.online !== true || agentIsSilent?.(instanceId) === true) {
      if (this.#stopped || isOver(invocation.status) || performance.now() > deadline) return false;
      await sleep(Math.min(AGENT_POLL_MS, Math.max(1, deadline - performance.now())));
    }
    return !isOver(invocation.status);
  }

  async #pause(milliseconds: number, invocation: Invocation): Promise<void> {
    const aborted = new Promise<void>((done) => invocation.cancel.signal.addEventListener('abort', () => done(), { once: true }));
    if (milliseconds > 0) await within(aborted, milliseconds);
  }

  async #set(record: CommandRecord, invocation: Invocation, status: CommandStatus, details: string): Promise<void> {
    if (isOver(invocation.status)) return;
    const before = commandStatus(record).status;
    invocation.status = status;
    invocation.statusDetails = details;
    if (isOver(status)) invocation.endedAtMs = this.#options.now();
    this.#options.log(`ssm: ${record.documentName} ${record.commandId} on ${invocation.instanceId}: ${details}`);
    if (this.#stopped) return;
    const detail = {
      'command-id': record.commandId,
      'document-name': record.documentName,
      'requested-date-time': new Date(record.requestedAtMs).toISOString(),
    };
    const arn = nodeArn(this.#options, invocation.instanceId);
    await this.#sendEvent('EC2 Command Invocation Status-change Notification', [arn], {
      ...detail,
      'instance-id': invocation.instanceId,
      status,
    });
    const after = commandStatus(record).status;
    if (after !== before) {
      const expires = new Date(record.expiresAtMs).toISOString();
      const parameters = JSON.stringify(record.parameters);
      await this.#sendEvent('EC2 Command Status-change Notification', [arn], {
        ...detail,
        'expire-after': expires,
        parameters,
        status: after,
      });
    }
  }

  /** Events are best effort: a bus that fails does not fail the command. */
  async #sendEvent(detailType: string, resources: readonly string[], detail: Record<string, unknown>): Promise<void> {
    try {
      await this.#options.events.put({ source: 'aws.ssm', detailType, resources, detail });
    } catch (error) {
      this.#options.log(`ssm: event ${detailType} was not sent: ${messageOf(error)}`);
    }
  }
}

/** `10` or `25%` of the instances; at least one, at most all. */
function concurrency(text: string, instances: number): number {
  const number = Number.parseInt(text, 10);
  const wanted = text.endsWith('%') ? Math.floor((instances * number) / 100) : number;
  return Math.max(1, Math.min(instances, wanted));
}
