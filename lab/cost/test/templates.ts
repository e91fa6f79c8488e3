/** Templates as small as a test needs them. */
import { RECORDS_ENV } from '../../../functions/records/keys.ts';
import type { Assembly, Stack } from '../assembly.ts';

interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, object>>;
}

export const stackOf = (name: string, resources: Stack['resources'] = {}): Stack => ({ name, resources });

export const assemblyOf = (...stacks: Stack[]): Assembly => ({ installation: 'holdfast', region: 'us-east-1', stacks });

/** A function of `fleet`, and the alias that callers use. */
export const functionOf = (fleet: string, variables: Record<string, unknown> = {}): Stack['resources'] => ({
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: { MemorySize: 256, Environment: { Variables: { [RECORDS_ENV.fleet]: fleet, ...variables } } },
  },
  Live: { Type: 'AWS::Lambda::Alias', Properties: { FunctionName: { Ref: 'Function' } } },
});

/** Calls `Live` until it is done: REPEAT sends again, anything else checks again. */
export const LOOPING: Definition = {
  StartAt: 'Send',
  States: {
    Send: { Type: 'Task', Resource: '<Live>', Next: 'Observation' },
    Observation: { Type: 'Task', Resource: '<Live>', Next: 'Done?' },
    'Done?': {
      Type: 'Choice',
      Choices: [{ Next: 'End' }, { Next: 'Send' }],
      Default: 'Wait',
    },
    Wait: { Type: 'Wait', Next: 'Observation' },
    End: { Type: 'Succeed' },
  },
};

export const machineOf = (name: string, definition: Definition, more: Record<string, unknown> = {}): Stack['resources'] => {
  const [before = '', after] = JSON.stringify(definition).split('"<Live>"');
  const text = after === undefined ? before : { 'Fn::Join': ['', splitByReference(definition)] };
  return { Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { StateMachineName: name, DefinitionString: text, ...more } } };
};

/** As the CDK writes it: text, reference, text, … */
function splitByReference(definition: Definition): unknown[] {
  return JSON.stringify(definition)
    .split('<Live>')
    .flatMap((text, index) => (index === 0 ? [text] : [{ Ref: 'Live' }, text]));
}

export const alarms = (count: number): Stack['resources'] =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`Alarm${index}`, { Type: 'AWS::CloudWatch::Alarm', Properties: { Period: 60 } }]),
  );
