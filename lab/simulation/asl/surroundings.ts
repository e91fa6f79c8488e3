/** What an execution of a definition reaches outside itself, and how it ends. */
export interface Surroundings {
  /** Whether it was stopped or has run out of time: it then does nothing more. */
  isOver(): boolean;
  sleep(ms: number): Promise<void>;
  after(ms: number, run: () => void): { cancel(): void };
  /** How long Step Functions takes from one state to the next. */
  transitionMs(): number;
  entered(state: string): void;
  retried(state: string, error: string): void;
  caught(state: string, error: string): void;
  /**
   * Calls a function. Whatever becomes of the execution, the function runs on.
   * @throws StateError
   */
  callFunction(state: string, resource: string, payload: unknown): Promise<unknown>;
  /**
   * Starts an execution and waits for its end. @returns its description, with its output as JSON
   * @throws StateError
   */
  runChild(state: string, parameters: ChildParameters): Promise<unknown>;
  /**
   * Starts an execution. @returns its ARN and its beginning
   * @throws StateError
   */
  startChild(state: string, parameters: ChildParameters): Promise<unknown>;
  /** The task that waits for this state's child has run out of time. */
  childGivenUp(state: string): void;
}

/** Parameters of the integrations that run or start another machine. */
export interface ChildParameters {
  readonly StateMachineArn: string;
  readonly Name?: string;
  readonly Input?: unknown;
}

export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED'; readonly error?: string; readonly cause?: string };
