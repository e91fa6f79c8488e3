/** State machine definitions in the form that Step Functions reads. */
import type { FoundResource, SynthesizedApp } from './synthesized.ts';

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: string;
}

export interface State {
  readonly Type: 'Task' | 'Choice' | 'Wait' | 'Pass' | 'Succeed' | 'Fail' | 'Map' | 'Parallel';
  /** What a Map repeats. */
  readonly ItemProcessor?: Definition;
  readonly MaxConcurrency?: number;
  /** What a Parallel runs at once. */
  readonly Branches?: readonly Definition[];
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly Retrier[];
  /** For a Lambda function: the `<LogicalId>` of its reference. */
  readonly Resource?: string;
  /** Which child a task starts, and its name. */
  readonly Parameters?: { readonly StateMachineArn?: string; readonly 'Name.$'?: string };
  readonly TimeoutSeconds?: number;
  readonly Seconds?: number;
}

export interface Definition {
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly States: Readonly<Record<string, State>>;
}

/** The ARN of a state machine in what refers to it by its name, in AWS_CONFIG's Region. */
export const byName = (name: string): object => ({
  'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':states:us-east-1:', { Ref: 'AWS::AccountId' }, `:stateMachine:${name}`]],
});

/** The definition, each reference written as `<LogicalId>` or `<LogicalId.Attribute>`. */
export function definitionOf({ Properties }: FoundResource): Definition {
  const source = Properties['DefinitionString'] as string | { 'Fn::Join': ['', (string | Reference)[]] };
  const text = typeof source === 'string' ? source : source['Fn::Join'][1].map(render).join('');
  return JSON.parse(text) as Definition;
}

/** The state machines of an app, by name. */
export const machinesOf = (app: SynthesizedApp): ReadonlyMap<string, Definition> =>
  new Map(
    app.resources('AWS::StepFunctions::StateMachine').map((found) => [String(found.Properties['StateMachineName']), definitionOf(found)]),
  );

type Reference = { readonly Ref: string } | { readonly 'Fn::GetAtt': readonly [string, string] };

function render(part: string | Reference): string {
  if (typeof part === 'string') return part;
  return 'Ref' in part ? `<${part.Ref}>` : `<${part['Fn::GetAtt'].join('.')}>`;
}

/**
 * The states of an execution in which every check is DONE at once: the procedure, read from the top.
 * @param takes branches of a choice, in the order of its visits
 */
export function walk({ StartAt, States }: Definition, takes: Readonly<Record<string, readonly string[]>> = {}): string[] {
  const path: string[] = [];
  const left = new Map(Object.entries(takes).map(([choice, branches]) => [choice, [...branches]]));
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    path.push(name);
    if (path.length > 100) throw new Error(`the walk never ends: ${path.slice(-10).join(' → ')}`);
    const state: State | undefined = States[name];
    if (!state) throw new Error(`there is no state ${name}`);
    name = state.Type === 'Choice' ? (left.get(name)?.shift() ?? choiceOf(state)) : state.Next;
  }
  return path;
}

/** The branch for DONE: the first that continues. */
function choiceOf(state: State): string | undefined {
  return state.Choices?.[0]?.Next ?? state.Default;
}

/** Every Task of a machine with its name, those inside a Map or a Parallel too. */
export function everyTask({ States }: Definition): [string, State][] {
  return Object.entries(States).flatMap(([name, state]): [string, State][] => [
    ...(state.Type === 'Task' ? [[name, state] as [string, State]] : []),
    ...(state.ItemProcessor ? everyTask(state.ItemProcessor) : []),
    ...(state.Branches ?? []).flatMap(everyTask),
  ]);
}

/** Names of all states that a state can lead to. */
export function followers(state: State): string[] {
  return [
    state.Next,
    state.Default,
    ...(state.Choices ?? []).map(({ Next }) => Next),
    ...(state.Catch ?? []).map(({ Next }) => Next),
  ].filter((name) => name !== undefined);
}
