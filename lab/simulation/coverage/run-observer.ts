import { MAX_CLEAN_UPS } from '../../../functions/deploy/contract/clean-up-steps.ts';
import { coverageKey } from '../asl/coverage.ts';
import type { Definition } from '../asl/definition.ts';
import type { Watcher } from '../cloud/contracts.ts';
import type { View } from '../predicates/view.ts';
import type { Call } from '../seam/call.ts';
import { count, noCoverage } from './coverage.ts';
import { phaseOf } from './phases.ts';
import { RARE_STATES, SHOWS_AT } from './rare-facts.ts';

export interface ObserverOptions {
  readonly definitions: Readonly<Record<string, Definition>>;
  readonly view: () => View;
  /** Where the run's release is bad; undefined for a good one. */
  readonly badAt: string | undefined;
  readonly took: (kind: string) => void;
}

/** Counts what a run reaches. */
export class RunObserver {
  readonly coverage = noCoverage();
  readonly watcher: Watcher;
  private readonly options: ObserverOptions;
  /** Executions that run, by their latest state. */
  private readonly at = new Map<string, { readonly machine: string; readonly state: string }>();
  private readonly seen = new Set<string>();
  private readonly sent = new Set<string>();
  private hasBegun = false;
  private holder: string | undefined;

  constructor(options: ObserverOptions) {
    this.options = options;
    const { catches, errors, stops } = this.coverage;
    this.watcher = {
      effect: (call) => this.follow(call),
      stateEntered: (entered) => this.enter(entered),
      caught: ({ machine, state, error }) => {
        count(catches, coverageKey(machine, state));
        count(errors, error);
      },
      retried: ({ error }) => count(errors, `${error}, repeated`),
      executionEnded: ({ machine, executionArn, status }) => {
        const state = this.at.get(executionArn)?.state;
        this.at.delete(executionArn);
        if (status === 'ABORTED' || status === 'TIMED_OUT') count(stops, coverageKey(machine, state ?? 'not begun'));
      },
    };
  }

  /** A fault took effect. */
  fault(kind: string): void {
    count(this.coverage.faultPhases, `${kind}, ${this.phase()}`);
  }

  /** Counts a rare fact once a run. */
  sometimes(fact: string): void {
    if (this.seen.has(fact)) return;
    this.seen.add(fact);
    count(this.coverage.sometimes, fact);
  }

  /** What shows only in the end. */
  finish({ deadLetters }: { readonly deadLetters: number }): void {
    if (deadLetters > 0) this.sometimes('an event became a dead letter');
    for (const { status, outcome, targets, cleanUp, rolledBack, restart, restartAll } of this.options.view().deploys()) {
      if (restartAll)
        this.sometimes(status === 'SUCCEEDED' ? 'all servers were restarted' : 'a restart of all servers failed or was stopped');
      if (restart !== undefined) this.sometimes(status === 'SUCCEEDED' ? 'a server was restarted' : 'a restart failed or was stopped');
      if (status === 'SUCCEEDED' && outcome !== undefined) this.sometimes('a deploy finished without some servers');
      if (status !== 'SUCCEEDED' && rolledBack) this.sometimes('a deploy was rolled back');
      const rolled = Object.values(targets);
      if (rolled.some(({ phase, rollingBackTo }) => phase === 'failed' && rollingBackTo !== undefined)) this.sometimes('a rollback failed');
      if (status === 'SUCCEEDED' && rolled.some(({ phase, mayFail }) => phase === 'failed' && mayFail))
        this.sometimes('a newcomer failed and was left out');
      if (rolled.some(({ died }) => died !== undefined)) this.sometimes('a roll ended without a word');
      if (rolled.some(({ detail = '' }) => detail.includes('for the deploy has failed meanwhile')))
        this.sometimes('a target that drained went back by itself');
      if ((cleanUp?.attempt ?? 0) > 1) this.sometimes('a clean-up was repeated');
      if ((cleanUp?.attempt ?? 0) >= MAX_CLEAN_UPS) this.sometimes('a clean-up was given up');
      const details = Object.values(targets).map(({ detail = '' }) => detail);
      if (details.some((detail) => detail.startsWith('kept in service'))) this.sometimes('a target was kept for the minimum');
      if (details.some((detail) => detail === 'the instance is gone')) this.sometimes('a target was gone');
    }
  }

  private enter({
    machine,
    state,
    executionArn,
  }: {
    readonly machine: string;
    readonly state: string;
    readonly executionArn: string;
  }): void {
    const { states, branches } = this.coverage;
    const key = coverageKey(machine, state);
    const from = this.at.get(executionArn)?.state;
    this.at.set(executionArn, { machine, state });
    if (machine === 'deploy') this.hasBegun = true;
    count(states, key);
    if (RARE_STATES[key]) this.sometimes(RARE_STATES[key]);
    if (from !== undefined && this.options.definitions[machine]?.States[from]?.Type === 'Choice') {
      const branch = `${coverageKey(machine, from)} → ${state}`;
      count(branches, branch);
      if (RARE_STATES[branch]) this.sometimes(RARE_STATES[branch]);
    }
    const { badAt, took } = this.options;
    if (badAt !== undefined && SHOWS_AT[badAt] === key && !this.seen.has('a bad release')) {
      this.seen.add('a bad release');
      took(`release.${badAt}`);
    }
  }

  private follow({ service, operation, input, invocation, number }: Call): void {
    if (operation === 'SendCommand') {
      const call = `${invocation.id}.${number}`;
      if (this.sent.has(call)) this.sometimes('a command was sent twice, since its answer was lost');
      this.sent.add(call);
    } else if (operation === 'CancelCommand') {
      this.sometimes('a command was cancelled');
    } else if (operation === 'StartExecution' && invocation.functionName === 'reconcile') {
      const { stateMachineArn = '' } = input as { readonly stateMachineArn?: string };
      this.sometimes(`the reconciler started a ${/clean-up|launch|terminate/.exec(stateMachineArn)?.[0] ?? 'machine'}`);
    } else if (service === 'dynamodb' && operation === 'UpdateItem') {
      const { Key } = input as { readonly Key?: { readonly sk?: { readonly S?: string } } };
      if (Key?.sk?.S === 'LOCK') this.followLock(invocation.functionName);
    }
  }

  private followLock(functionName: string): void {
    const lock = this.options.view().lock();
    const now = lock?.deployId;
    if (this.holder !== undefined && now !== undefined && now !== this.holder) this.sometimes('a lock was taken over from another deploy');
    if (this.holder !== undefined && now === undefined && functionName === 'reconcile') this.sometimes('the reconciler released a lock');
    this.holder = now;
  }

  private phase(): string {
    const running = [...this.at.values()].map(({ machine, state }) => phaseOf(machine, state));
    // The deploy itself is in its first state until its child is in one.
    const phases = running.filter((phase) => phase !== undefined);
    return phases.at(-1) ?? (this.hasBegun ? 'after the deploy' : 'before the deploy');
  }
}
