/** States that rows are made of. */

/** Ends the machine unless it names a Next. */
const going = (more: object) => ('Next' in more ? more : { End: true, ...more });

/** Invokes a function by its ARN, as most of Holdfast's states do. */
export const call = (functionArn: string | undefined, more: object = {}): object => ({
  Type: 'Task',
  Resource: functionArn,
  ...going(more),
});

/** Runs another machine and waits for its end. */
export const runChild = (StateMachineArn: string | undefined, parameters: object, more: object = {}): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Parameters: { StateMachineArn, ...parameters },
  ...going(more),
});

/** Starts another machine and goes on at once. */
export const startChild = (StateMachineArn: string | undefined, parameters: object, more: object = {}): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution',
  Parameters: { StateMachineArn, ...parameters },
  ...going(more),
});

export const wait = (Seconds: number, more: object = {}): object => ({ Type: 'Wait', Seconds, ...going(more) });
export const pass = (more: object = {}): object => ({ Type: 'Pass', ...going(more) });
export const SUCCEED = { Type: 'Succeed' } as const;

/** Catches everything that can be caught, next to the input. */
export const CATCH_ALL = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }];
/** What {@link CATCH_ALL} leads to: only the name of the error. */
export const CAUGHT = { Caught: pass({ Parameters: { 'caught.$': '$.error.Error' } }) };
