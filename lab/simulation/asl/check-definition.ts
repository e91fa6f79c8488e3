/** Reads a definition, and refuses everything that the interpreter does not implement, by its name. */
import type { Definition, Part, State, TaskState } from './definition.ts';
import { RUN_CHILD, START_CHILD } from './definition.ts';
import { isReadable, isReference } from './paths.ts';
import { pathsIn } from './payload-template.ts';

/** What the machines of an installation call. */
export interface Callable {
  isFunction(arn: string): boolean;
  isMachine(arn: string): boolean;
}

/** A definition that the interpreter cannot run as Step Functions would. */
export class NotImplemented extends Error {
  override readonly name = 'NotImplemented';

  /** @param what `field "HeartbeatSeconds"` */
  constructor(machine: string, state: string | undefined, what: string) {
    super(`${machine}${state === undefined ? '' : ` / ${state}`}: the interpreter of the simulation does not know the ${what}`);
  }
}

const GOING = ['Type', 'Comment', 'Next', 'End'];
const FIELDS: Readonly<Record<State['Type'], readonly string[]>> = {
  Task: [...GOING, 'Resource', 'Parameters', 'ResultPath', 'Retry', 'Catch', 'TimeoutSeconds'],
  Map: [...GOING, 'ItemsPath', 'ItemSelector', 'ItemProcessor', 'MaxConcurrency', 'ResultPath', 'Catch'],
  Choice: ['Type', 'Comment', 'Choices', 'Default'],
  Wait: [...GOING, 'Seconds', 'SecondsPath'],
  Pass: [...GOING, 'Result', 'Parameters', 'ResultPath'],
  Succeed: ['Type', 'Comment', 'OutputPath'],
  Fail: ['Type', 'Comment', 'Error', 'Cause', 'ErrorPath', 'CausePath'],
};
const PART_FIELDS = ['Comment', 'StartAt', 'States'];
const MACHINE_FIELDS = [...PART_FIELDS, 'TimeoutSeconds'];
const RETRIER_FIELDS = ['ErrorEquals', 'IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds'];
const CATCHER_FIELDS = ['ErrorEquals', 'Next', 'ResultPath'];
const COMPARISONS: Readonly<Record<string, 'string' | 'boolean'>> = {
  StringEquals: 'string',
  BooleanEquals: 'boolean',
  IsPresent: 'boolean',
};
const CHILD_PARAMETERS = ['StateMachineArn', 'Name', 'Name.$', 'Input', 'Input.$'];

type Json = Readonly<Record<string, unknown>>;

/**
 * @param source as CDK synthesized it, with the references resolved
 * @throws NotImplemented naming machine, state, and the field, type, operator, path or resource
 */
export function checkDefinition(machine: string, source: string, callable: Callable): Definition {
  const definition = JSON.parse(source) as Definition;
  const refuse = (what: string): never => {
    throw new NotImplemented(machine, undefined, what);
  };
  unknownKey(definition as unknown as Json, MACHINE_FIELDS, (key) => refuse(`field "${key}"`));
  checkPart(machine, definition, callable);
  return definition;
}

function checkPart(machine: string, part: Part, callable: Callable): void {
  if (!(part.StartAt in part.States)) throw new NotImplemented(machine, undefined, `state "${part.StartAt}"`);
  for (const [name, state] of Object.entries(part.States)) new StateCheck(machine, name, part, callable).check(state);
}

class StateCheck {
  private readonly machine: string;
  private readonly name: string;
  private readonly definition: Part;
  private readonly callable: Callable;

  constructor(machine: string, name: string, definition: Part, callable: Callable) {
    this.machine = machine;
    this.name = name;
    this.definition = definition;
    this.callable = callable;
  }

  check(state: State): void {
    const fields = FIELDS[state.Type] ?? this.refuse(`type "${state.Type}"`);
    this.keys(state, fields);
    if ('Next' in state || 'End' in state) this.next(state as { Next?: string; End?: boolean });
    else if (fields.includes('Next')) this.refuse('state without "Next" and "End"');
    if ('ResultPath' in state) this.written(state.ResultPath);
    if ('Parameters' in state) for (const path of pathsIn(state.Parameters)) this.readable(path);
    if ('Result' in state && 'Parameters' in state) this.refuse('combination of "Result" and "Parameters"');
    switch (state.Type) {
      case 'Task':
        this.resource(state.Resource, state.Parameters);
        for (const retrier of state.Retry ?? []) this.keys(retrier, RETRIER_FIELDS);
        this.allComesLast(state.Retry ?? []);
        this.catchers(state.Catch);
        break;
      case 'Map':
        this.readable(state.ItemsPath);
        for (const path of pathsIn(state.ItemSelector)) this.readable(path);
        unknownKey(state.ItemProcessor as unknown as Json, [...PART_FIELDS, 'ProcessorConfig'], (key) => this.refuse(`field "${key}"`));
        checkPart(this.machine, state.ItemProcessor, this.callable);
        this.catchers(state.Catch);
        break;
      case 'Choice':
        if (state.Default !== undefined) this.leadsTo(state.Default);
        for (const { Next, ...rule } of state.Choices) {
          this.leadsTo(Next);
          this.rule(rule as Json);
        }
        break;
      case 'Wait':
        if ((state.Seconds === undefined) === (state.SecondsPath === undefined))
          this.refuse('Wait without one of "Seconds" and "SecondsPath"');
        if (state.SecondsPath !== undefined) this.readable(state.SecondsPath);
        break;
      case 'Succeed':
        if (state.OutputPath !== undefined) this.readable(state.OutputPath);
        break;
      case 'Fail':
        for (const path of [state.ErrorPath, state.CausePath]) if (path !== undefined) this.readable(path);
    }
  }

  private catchers(list: TaskState['Catch']): void {
    for (const catcher of list ?? []) {
      this.keys(catcher, CATCHER_FIELDS);
      this.leadsTo(catcher.Next);
      this.written(catcher.ResultPath);
    }
    this.allComesLast(list ?? []);
  }

  private refuse(what: string): never {
    throw new NotImplemented(this.machine, this.name, what);
  }

  private keys(object: object, known: readonly string[]): void {
    unknownKey(object as Json, known, (key) => this.refuse(`field "${key}"`));
  }

  private next({ Next, End }: { Next?: string; End?: boolean }): void {
    if (Next !== undefined) this.leadsTo(Next);
    else if (End !== true) this.refuse(`field "End" with ${JSON.stringify(End)}`);
  }

  private leadsTo(name: unknown): void {
    if (typeof name !== 'string' || !Object.hasOwn(this.definition.States, name)) this.refuse(`state ${JSON.stringify(name)}`);
  }

  private readable(path: unknown): void {
    if (typeof path !== 'string' || !isReadable(path)) this.refuse(`path ${JSON.stringify(path)}`);
  }

  /** Null drops the value, and nothing takes it for all of the state's output. */
  private written(path: unknown): void {
    if (path !== undefined && path !== null && !(typeof path === 'string' && isReference(path)))
      this.refuse(`path ${JSON.stringify(path)}`);
  }

  private resource(resource: string, parameters: unknown): void {
    if (this.callable.isFunction(resource)) return;
    if (resource !== RUN_CHILD && resource !== START_CHILD) this.refuse(`resource "${resource}"`);
    const given = (parameters ?? {}) as Json;
    unknownKey(given, CHILD_PARAMETERS, (key) => this.refuse(`parameter "${key}"`));
    const arn = given['StateMachineArn'];
    if (typeof arn !== 'string' || !this.callable.isMachine(arn)) this.refuse(`resource ${JSON.stringify(arn)}`);
  }

  private rule(rule: Json): void {
    const [operator, ...more] = Object.keys(rule).filter((key) => key !== 'Variable');
    if (operator === undefined || more.length > 0) this.refuse(`rule ${JSON.stringify(rule)}`);
    const value = rule[operator as string];
    if (operator === 'Not') this.rule(value as Json);
    else if (operator === 'And' || operator === 'Or') for (const part of value as Json[]) this.rule(part);
    else {
      if (COMPARISONS[operator as string] === undefined) this.refuse(`operator "${operator}"`);
      if (typeof value !== COMPARISONS[operator as string]) this.refuse(`operator "${operator}" with ${JSON.stringify(value)}`);
      this.readable(rule['Variable']);
    }
  }

  /** Step Functions accepts it in the last place only, and alone. */
  private allComesLast(list: readonly { readonly ErrorEquals: readonly string[] }[]): void {
    for (const [index, { ErrorEquals }] of list.entries())
      if (ErrorEquals.includes('States.ALL') && (ErrorEquals.length > 1 || index < list.length - 1))
        this.refuse('error name "States.ALL" before others');
  }
}

function unknownKey(object: Json, known: readonly string[], refuse: (key: string) => void): void {
  for (const key of Object.keys(object)) if (!known.includes(key)) refuse(key);
}
