/** Step Functions: the executions of an installation's machines. */
import { AwsError } from '#local-aws/service/service.ts';
import type { Definition } from '../asl/definition.ts';
import { StateError } from '../asl/errors.ts';
import { interpret } from '../asl/interpret.ts';
import type { ChildParameters, Outcome, Surroundings } from '../asl/surroundings.ts';
import type { Faults } from '../faults/faults.ts';
import type { Kernel, Scheduled } from '../kernel/kernel.ts';
import type { Random } from '../kernel/random.ts';
import { executionName } from '../kernel/random-ids.ts';
import type { CallingState } from '../seam/call.ts';
import type { Executions, Watcher } from './contracts.ts';
import { describeChild, type ExecutionRecord, type StatusChange, statusChange } from './execution-record.ts';
import { callFunction, startChild } from './integrations.ts';

/** A machine, checked. */
export interface Machine {
  readonly arn: string;
  /** ARN of the version that other machines start. */
  readonly versionArn?: string | undefined;
  readonly definition: Definition;
}

export interface StepFunctionsProps {
  readonly kernel: Kernel;
  /** By `deploy`, `rollTarget`, … */
  readonly machines: Readonly<Record<string, Machine>>;
  /** Functions by every ARN that definitions have for them. */
  readonly functions: ReadonlyMap<string, string>;
  /** @throws FunctionFailure (integrations.ts); anything else ends the run */
  readonly invoke: (functionName: string, payload: unknown, caller: CallingState) => Promise<unknown>;
  readonly faults: Pick<Faults, 'childStart' | 'state' | 'took'>;
  readonly watcher?: Pick<Watcher, 'stateEntered' | 'caught' | 'retried' | 'executionEnded'>;
  /** An event for EventBridge, at the moment when the execution begins or ends. */
  readonly statusChanged?: (change: StatusChange) => void;
}

/** An execution that runs, and what belongs to it only while it does. */
interface Run {
  readonly record: ExecutionRecord;
  readonly limit?: Scheduled | undefined;
  readonly visits: Map<string, number>;
  /** The execution that its current state waits for. */
  child?: ExecutionRecord | undefined;
  /** Those that wait for its end. */
  readonly waiting: (() => void)[];
}

const NAME = /^[0-9A-Za-z_.@=+-][0-9A-Za-z_.@=+ -]{0,79}$/;
export class StepFunctions implements Executions {
  private readonly props: StepFunctionsProps;
  private readonly random: Random;
  /** By ARN, in the order of their beginnings. */
  private readonly records = new Map<string, ExecutionRecord>();
  private readonly runs = new Map<string, Run>();
  private readonly machineOf = new Map<string, string>();
  private started = 0;

  constructor(props: StepFunctionsProps) {
    this.props = props;
    this.random = props.kernel.random('step functions');
    for (const [name, { arn, versionArn }] of Object.entries(props.machines)) {
      this.machineOf.set(arn, name);
      if (versionArn !== undefined) this.machineOf.set(versionArn, name);
    }
  }

  /** Every execution that ever began, in order. */
  all(): readonly ExecutionRecord[] {
    return [...this.records.values()];
  }

  running(): readonly ExecutionRecord[] {
    return [...this.runs.values()].map(({ record }) => record);
  }

  find(executionArn: string): ExecutionRecord | undefined {
    return this.records.get(executionArn);
  }

  start(machine: string, input: object, name?: string): string {
    return this.startAt((this.props.machines[machine] as Machine).arn, JSON.stringify(input), name).executionArn;
  }

  /**
   * Begins an execution, or finds the one that runs under this name with this input.
   * @param arn of a machine or of its version @param input JSON
   * @throws AwsError StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists
   */
  startAt(arn: string, input: string, name = this.newName()): ExecutionRecord {
    const machine = this.machineOf.get(arn);
    if (machine === undefined) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    if (!NAME.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    if (Buffer.byteLength(input) > 262_144) throw new AwsError('InvalidExecutionInput', 'Invalid State Machine Execution Input: too long');
    const { arn: stateMachineArn, definition } = this.props.machines[machine] as Machine;
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const before = this.records.get(executionArn);
    if (before) {
      if (before.status === 'RUNNING' && before.input === input) return before;
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    }
    const { kernel } = this.props;
    const record: ExecutionRecord = {
      machine,
      executionArn,
      stateMachineArn,
      stateMachineVersionArn: arn === stateMachineArn ? undefined : arn,
      name,
      input,
      startedAtMs: kernel.now(),
      status: 'RUNNING',
    };
    const seconds = definition.TimeoutSeconds;
    const limit = seconds === undefined ? undefined : kernel.after(seconds * 1_000, () => this.end(record, { status: 'TIMED_OUT' }));
    this.records.set(executionArn, record);
    const run: Run = { record, limit, visits: new Map(), waiting: [] };
    this.runs.set(executionArn, run);
    kernel.note('execution', `${machine} ${name} begins`);
    this.props.statusChanged?.(statusChange(record));
    const context = { Execution: { Id: executionArn, Name: name, StartTime: new Date(record.startedAtMs).toISOString() } };
    interpret(definition, JSON.parse(input), context, this.surroundings(run)).then(
      (outcome) => outcome && this.end(record, outcome),
      (error: unknown) => kernel.fail(error),
    );
    return record;
  }

  /** Ends it without any Catch. What it called or started may go on. */
  stop(record: ExecutionRecord, error?: string, cause?: string): void {
    this.end(record, { status: 'ABORTED', error, cause });
  }

  private end(
    record: ExecutionRecord,
    outcome: Outcome | { readonly status: 'TIMED_OUT' } | { readonly status: 'ABORTED'; readonly error?: string; readonly cause?: string },
  ): void {
    const run = this.runs.get(record.executionArn);
    if (!run) return;
    this.runs.delete(record.executionArn);
    run.limit?.cancel();
    record.status = outcome.status;
    record.stoppedAtMs = this.props.kernel.now();
    if (outcome.status === 'SUCCEEDED') record.output = JSON.stringify(outcome.output);
    else if (outcome.status !== 'TIMED_OUT') {
      record.error = outcome.error;
      record.cause = outcome.cause;
    }
    const { machine, name, executionArn, status } = record;
    this.props.kernel.note('execution', `${machine} ${name} ends: ${[status, record.error, record.cause].filter(Boolean).join(', ')}`);
    this.props.watcher?.executionEnded?.({ machine, executionArn, status });
    this.props.statusChanged?.(statusChange(record));
    for (const waiting of run.waiting) waiting();
    if (run.child) this.leave(run.child);
  }

  /**
   * The parent waits no more: Step Functions stops the child at best.
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
   */
  private leave(child: ExecutionRecord): void {
    if (child.status !== 'RUNNING') return;
    if (this.random.chance(0.3)) this.props.faults.took('child.leftRunning');
    else this.props.kernel.after(this.random.whole(50, 2_000), () => this.stop(child));
  }

  private surroundings(run: Run): Surroundings {
    const { kernel, watcher, faults, functions, invoke } = this.props;
    const { machine, executionArn, name } = run.record;
    const at = (state: string): CallingState => ({ machine, state, executionArn });
    return {
      isOver: () => run.record.status !== 'RUNNING',
      sleep: (ms) => kernel.sleep(ms),
      after: (ms, then) => kernel.after(ms, then),
      transitionMs: () => this.random.whole(10, 80),
      entered: (state) => {
        const visit = (run.visits.get(state) ?? 0) + 1;
        run.visits.set(state, visit);
        kernel.note('state', `${machine} ${name}: ${state}`);
        watcher?.stateEntered?.(at(state));
        const fault = faults.state(at(state), visit);
        // In the middle of the state as well as at its beginning.
        if (fault) kernel.after(this.random.chance(0.5) ? 0 : this.random.whole(1, 2_000), () => this.strike(run.record, fault.kind));
      },
      retried: (state, error) => {
        kernel.note('retry', `${machine} ${name}: ${state} after ${error}`);
        watcher?.retried?.({ machine, state, error });
      },
      caught: (state, error) => {
        kernel.note('catch', `${machine} ${name}: ${state} after ${error}`);
        watcher?.caught?.({ machine, state, error });
      },
      callFunction: (state, resource, payload) => callFunction(() => invoke(functions.get(resource) as string, payload, at(state))),
      runChild: (state, parameters) => this.runChild(run, at(state), parameters),
      startChild: (state, parameters) => this.startChild(run, at(state), parameters),
      childGivenUp: () => {
        if (run.child) this.leave(run.child);
        run.child = undefined;
      },
    };
  }

  private strike(record: ExecutionRecord, kind: 'stopped' | 'timedOut'): void {
    if (record.status !== 'RUNNING') return;
    this.props.faults.took(`execution.${kind}`);
    if (kind === 'stopped') this.stop(record);
    else this.end(record, { status: 'TIMED_OUT' });
  }

  /** One that was started without waiting for it runs on whatever becomes of its parent. */
  private async startChild(run: Run, caller: CallingState, { StateMachineArn, Name, Input = {} }: ChildParameters): Promise<unknown> {
    const { kernel, faults } = this.props;
    await kernel.sleep(this.random.whole(20, 200));
    if (run.record.status !== 'RUNNING') return undefined;
    const input = JSON.stringify(Input);
    const begin = () => this.startAt(StateMachineArn, input, Name);
    const child = startChild(begin, faults.childStart(caller), faults, this.random);
    await kernel.sleep(this.random.whole(20, 200));
    return { ExecutionArn: child.executionArn, StartDate: child.startedAtMs };
  }

  private async runChild(run: Run, caller: CallingState, { StateMachineArn, Name, Input = {} }: ChildParameters): Promise<unknown> {
    const { kernel } = this.props;
    await kernel.sleep(this.random.whole(20, 200));
    // One that was stopped meanwhile starts nothing.
    if (run.record.status !== 'RUNNING') return undefined;
    const input = JSON.stringify(Input);
    const child = startChild(
      () => this.startAt(StateMachineArn, input, Name),
      this.props.faults.childStart(caller),
      this.props.faults,
      this.random,
    );
    run.child = child;
    await new Promise<void>((resolve) => {
      const childRun = this.runs.get(child.executionArn);
      if (childRun) childRun.waiting.push(resolve);
      else resolve();
    });
    // Step Functions learns of it by an event, or else by looking.
    await kernel.sleep(this.random.chance(0.97) ? this.random.whole(50, 800) : this.random.whole(1_000, 30_000));
    if (run.child === child) run.child = undefined;
    const description = describeChild(child);
    if (child.status !== 'SUCCEEDED') throw new StateError('States.TaskFailed', JSON.stringify(description));
    return description;
  }

  private newName(): string {
    this.started += 1;
    return executionName(this.random, this.started);
  }
}
