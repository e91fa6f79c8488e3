/** The subset of the Amazon States Language that Holdfast's machines use, as {@link checkDefinition} lets it through. */

export interface Definition {
  readonly Comment?: string;
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly States: Readonly<Record<string, State>>;
}

export type State = TaskState | MapState | ChoiceState | WaitState | PassState | SucceedState | FailState;

interface Going {
  readonly Comment?: string;
  readonly Next?: string;
  readonly End?: boolean;
}

export interface TaskState extends Going {
  readonly Type: 'Task';
  /** A function's version, {@link RUN_CHILD} or {@link START_CHILD}. */
  readonly Resource: string;
  readonly Parameters?: unknown;
  /** null: the result is dropped. Absent: it replaces the input. */
  readonly ResultPath?: string | null;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly TimeoutSeconds?: number;
}

/** States of a Map's items, or of a branch. */
export type Part = Pick<Definition, 'StartAt' | 'States'>;

/** An inline Map: its items share the history of the execution. */
export interface MapState extends Going {
  readonly Type: 'Map';
  readonly ItemsPath: string;
  readonly ItemSelector?: unknown;
  readonly ItemProcessor: Part;
  /** 0: all at once. @default 0 */
  readonly MaxConcurrency?: number;
  readonly ResultPath?: string | null;
  readonly Catch?: readonly Catcher[];
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  /** @default 1 */
  readonly IntervalSeconds?: number;
  /** @default 3 */
  readonly MaxAttempts?: number;
  /** @default 2 */
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
}

export interface ChoiceState {
  readonly Comment?: string;
  readonly Type: 'Choice';
  readonly Choices: readonly (Rule & { readonly Next: string })[];
  readonly Default?: string;
}

export type Rule =
  | { readonly And: readonly Rule[] }
  | { readonly Or: readonly Rule[] }
  | { readonly Not: Rule }
  | { readonly Variable: string; readonly StringEquals: string }
  | { readonly Variable: string; readonly BooleanEquals: boolean }
  | { readonly Variable: string; readonly IsPresent: boolean };

export interface WaitState extends Going {
  readonly Type: 'Wait';
  readonly Seconds?: number;
  readonly SecondsPath?: string;
}

export interface PassState extends Going {
  readonly Type: 'Pass';
  readonly Result?: unknown;
  readonly Parameters?: unknown;
  readonly ResultPath?: string | null;
}

export interface SucceedState {
  readonly Comment?: string;
  readonly Type: 'Succeed';
  readonly OutputPath?: string;
}

export interface FailState {
  readonly Comment?: string;
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly Cause?: string;
  readonly ErrorPath?: string;
  readonly CausePath?: string;
}

/** The integration that starts another machine, and goes on at once. */
export const START_CHILD = 'arn:aws:states:::states:startExecution';

/** The integration that runs another machine and waits for its end, with its output as JSON. */
export const RUN_CHILD = 'arn:aws:states:::states:startExecution.sync:2';

/** Every state with its name, those of Maps and branches too: names are unique in a machine. */
export function statesOf({ States }: Part): readonly (readonly [string, State])[] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as const,
    ...(state.Type === 'Map' ? statesOf(state.ItemProcessor) : []),
  ]);
}
