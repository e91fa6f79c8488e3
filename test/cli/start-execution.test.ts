import { expect, it } from 'vitest';
import { startExecution } from '../../cli/start-execution.ts';

const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:holdfast-web-deploy';
const EXECUTION = MACHINE.replace(':stateMachine:', ':execution:');

/** What each call was named, and Step Functions' answers to them. */
function client(answer: (name: string) => object) {
  const names: string[] = [];
  const send = async ({ input }: { readonly input: { readonly name: string } }) => {
    names.push(input.name);
    return answer(input.name);
  };
  return { names, stepFunctions: { send } as unknown as Parameters<typeof startExecution>[0] };
}

const refused = (name: string) => () => {
  throw Object.assign(new Error(name), { name });
};

it('gives each execution a name of its own, which a call that is sent again keeps, and which a deploy can have as its id', async () => {
  const { names, stepFunctions } = client((name) => ({ executionArn: `${EXECUTION}:${name}` }));
  const arns = [await startExecution(stepFunctions, MACHINE, {}), await startExecution(stepFunctions, MACHINE, {})];
  expect(arns).toEqual(names.map((name) => `${EXECUTION}:${name}`));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^[0-9a-f-]{36}$/);
});

it('takes a refusal of its own name for the first attempt, whose answer was lost and whose execution has ended', async () => {
  const { names, stepFunctions } = client(refused('ExecutionAlreadyExists'));
  expect(await startExecution(stepFunctions, MACHINE, {})).toBe(`${EXECUTION}:${names[0]}`);
});

it('fails with any other refusal', async () => {
  const { stepFunctions } = client(refused('StateMachineDoesNotExist'));
  await expect(startExecution(stepFunctions, MACHINE, {})).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
});
