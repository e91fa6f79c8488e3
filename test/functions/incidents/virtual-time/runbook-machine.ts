/** Executions of the runbook's own machine, as its template has it, in virtual time. */
import { readFileSync } from 'node:fs';
import { checkDefinition } from '../../../../lab/simulation/asl/check-definition.ts';
import type { Definition } from '../../../../lab/simulation/asl/definition.ts';
import { StateError } from '../../../../lab/simulation/asl/errors.ts';
import { interpret } from '../../../../lab/simulation/asl/interpret.ts';
import type { Surroundings } from '../../../../lab/simulation/asl/surroundings.ts';
import { jsonCopy } from '../../../../lab/simulation/kernel/json-copy.ts';
import type { Kernel } from '../../../../lab/simulation/kernel/kernel.ts';

const ROLES = ['Control', 'Collect', 'CollectStore', 'Mitigate', 'Tend'] as const;
type Role = (typeof ROLES)[number];

type Part = string | { readonly Ref: string };
interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties: { readonly DefinitionString: { readonly 'Fn::Join': readonly [string, readonly Part[]] } };
      }
    >
  >;
}

/** Functions are named by their roles. */
const RUNBOOK: Definition = (() => {
  const file = new URL('../../../infra/__snapshots__/incidents.template.json', import.meta.url);
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as Template;
  const machine = Object.values(Resources).find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
  if (machine === undefined) throw new Error(`${file.pathname} has no state machine`);
  const [, parts] = machine.Properties.DefinitionString['Fn::Join'];
  const nameOf = (ref: string) => (ref === 'AWS::Partition' ? 'aws' : (/^Functions(\w+?)FunctionCurrentVersion/.exec(ref)?.[1] ?? ref));
  const text = parts.map((part) => (typeof part === 'string' ? part : nameOf(part.Ref))).join('');
  return checkDefinition('runbook', text, {
    isFunction: (name) => ROLES.some((role) => role === name),
    isMachine: () => false,
  });
})();

/** Seconds of one call, and from one state to the next. */
const CALL_MS = 1_000;
const COLLECT_MS = 5_000;
const TRANSITION_MS = 20;

interface RunbookPorts {
  readonly kernel: Kernel;
  readonly functions: Readonly<Record<Role, (payload: object) => Promise<unknown>>>;
  /** Whether the execution was stopped. */
  readonly isOver: (arn: string) => boolean;
}

export function runbookMachine({ kernel, functions, isOver }: RunbookPorts) {
  async function call(role: string, payload: unknown): Promise<unknown> {
    await kernel.sleep(role.startsWith('Collect') ? COLLECT_MS : CALL_MS);
    try {
      return jsonCopy(await functions[role as Role](payload as object));
    } catch (error) {
      // As Lambda reports what a function throws.
      const { name, message } = error as Error;
      throw new StateError(name, JSON.stringify({ errorType: name, errorMessage: message }));
    }
  }

  return {
    /** How it ends; undefined where it was stopped. */
    execute(arn: string, input: object) {
      const none = () => Promise.reject(new Error('the runbook starts no machine'));
      const around: Surroundings = {
        isOver: () => isOver(arn),
        sleep: (ms) => kernel.sleep(ms),
        after: (ms, run) => kernel.after(ms, run),
        transitionMs: () => TRANSITION_MS,
        ...{ entered: () => {}, retried: () => {}, caught: () => {} },
        callFunction: (_, role, payload) => call(role, payload),
        ...{ runChild: none, startChild: none, childGivenUp: () => {} },
      };
      const context = { Execution: { Id: arn, Name: arn.split(':').at(-1) ?? '', StartTime: new Date(kernel.now()).toISOString() } };
      return interpret(RUNBOOK, input, context, around);
    },
  };
}
