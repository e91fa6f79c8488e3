/**
 * Which paths of a definition may lead nowhere: those that are not written on every way to the state that reads them. Pure.
 *
 * An interpreter that gives null there, or takes a rule for false, or lets States.ALL catch it, makes no difference to a
 * definition without such paths.
 */
import type { AnyDefinition } from './inventory.ts';

type Fields = Readonly<Record<string, unknown>>;
/** Paths that surely lead to a value, such as `$.deploy`; `$` itself is not in it. */
type Known = ReadonlySet<string>;

/** A path that a state reads below something that is surely there: what is there decides, not the definition. */
export interface Read {
  readonly state: string;
  readonly path: string;
  /** The longest part of the path that is surely there; `$` for the state's input. */
  readonly within: string;
}

const PATH_FIELDS = ['ItemsPath', 'OutputPath', 'InputPath', 'SecondsPath', 'TimeoutSecondsPath', 'ErrorPath', 'CausePath'];

/** @param given paths that the machine's input surely has */
export function readsOf(definition: AnyDefinition, given: readonly string[] = []): Read[] {
  return readsWithin(definition, new Set(given), '');
}

function readsWithin({ StartAt, States }: AnyDefinition, given: Known, prefix: string): Read[] {
  const before = new Map<string, Known>();
  const queue: string[] = [];
  const enter = (name: unknown, known: Known) => {
    if (typeof name !== 'string') return;
    const so = before.get(name);
    const both = so === undefined ? known : new Set([...so].filter((path) => known.has(path)));
    if (so !== undefined && both.size === so.size) return;
    before.set(name, both);
    queue.push(name);
  };
  enter(StartAt, given);
  for (let name = queue.shift(); name !== undefined; name = queue.shift())
    for (const [next, known] of waysOut(States[name] as Fields, before.get(name) as Known)) enter(next, known);
  return [...before].flatMap(([name, known]) => readsOfState(`${prefix}${name}`, States[name] as Fields, known));
}

function readsOfState(state: string, fields: Fields, known: Known): Read[] {
  const read = (path: string, there: Known = known): Read[] => {
    const within = prefixesOf(path).find((part) => there.has(part)) ?? '$';
    return within === path ? [] : [{ state, path, within }];
  };
  const own = [...pathsRead(fields)].flatMap((path) => read(path));
  const rules = list(fields['Choices']).flatMap((rule) => [...variablesOf(rule, known)].flatMap(([path, there]) => read(path, there)));
  const item = fields['ItemProcessor'] as AnyDefinition | undefined;
  const inItem = item ? readsWithin(item, keysOf(fields['ItemSelector'], '$'), `${state}/`) : [];
  const inBranches = list(fields['Branches']).flatMap((branch) => readsWithin(branch as unknown as AnyDefinition, known, `${state}/`));
  return [...own, ...rules, ...inItem, ...inBranches];
}

/** Where a state leads, and what is surely there then. */
function* waysOut(state: Fields, known: Known): Generator<readonly [unknown, Known]> {
  for (const catcher of list(state['Catch']))
    yield [catcher['Next'], written(known, catcher['ResultPath'], new Set(['$.Error', '$.Cause']))];
  if (state['Type'] !== 'Choice') {
    yield [state['Next'], outputOf(state, known)];
    return;
  }
  let left = known;
  for (const rule of list(state['Choices'])) {
    yield [rule['Next'], new Set([...left, ...presentWhere(rule, true)])];
    left = new Set([...left, ...presentWhere(rule, false)]);
  }
  yield [state['Default'], left];
}

function outputOf(state: Fields, known: Known): Known {
  const type = state['Type'];
  if (type === 'Wait' || (type === 'Pass' && state['Parameters'] === undefined && state['Result'] === undefined)) return known;
  const made = type === 'Pass' ? keysOf(state['Parameters'] ?? state['Result'], '$') : new Set<string>();
  return written(known, state['ResultPath'], made);
}

/** @param made paths below a result @param at ResultPath: undefined replaces the input, null drops the result */
function written(known: Known, at: unknown, made: Known): Known {
  if (at === null) return known;
  if (at === undefined || at === '$') return made;
  const place = at as string;
  const kept = [...known].filter((path) => !path.startsWith(`${place}.`));
  return new Set([...kept, ...prefixesOf(place), ...[...made].map((path) => place + path.slice(1))]);
}

/** `$.a.b` and `$.a`, without `$`. */
function prefixesOf(path: string): string[] {
  const parts = path.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - index).join('.'));
}

/** Paths of an object that is written in the definition. */
function keysOf(template: unknown, at: string): Set<string> {
  const keys = new Set<string>();
  if (typeof template !== 'object' || template === null || Array.isArray(template)) return keys;
  for (const [key, value] of Object.entries(template)) {
    const path = `${at}.${key.replace(/\.\$$/, '')}`;
    keys.add(path);
    for (const below of keysOf(value, path)) keys.add(below);
  }
  return keys;
}

function* pathsRead(state: Fields): Generator<string> {
  for (const field of PATH_FIELDS) yield* pathsIn(state[field]);
  for (const field of ['Parameters', 'ItemSelector']) yield* pathsOfTemplate(state[field]);
}

function* pathsOfTemplate(template: unknown): Generator<string> {
  if (typeof template !== 'object' || template === null) return;
  for (const [key, value] of Object.entries(template))
    if (key.endsWith('.$')) yield* pathsIn(value);
    else yield* pathsOfTemplate(value);
}

/** Paths into the input: all arguments of an intrinsic function; `$$` is Step Functions' own, `$` is always there. */
const pathsIn = (value: unknown): string[] => (typeof value === 'string' ? (value.match(/(?<!\$)\$\.[\w.]+/g) ?? []) : []);

/** Variables that a rule compares, with what is surely there when it does: And and Or stop at the part that decides. */
function* variablesOf(rule: Fields, known: Known): Generator<readonly [string, Known]> {
  for (const operator of ['And', 'Or']) {
    let there = known;
    for (const part of list(rule[operator])) {
      yield* variablesOf(part, there);
      there = new Set([...there, ...presentWhere(part, operator === 'And')]);
    }
  }
  if (rule['Not']) yield* variablesOf(rule['Not'] as Fields, known);
  if (typeof rule['Variable'] === 'string' && !('IsPresent' in rule)) yield [rule['Variable'], known];
}

/** Variables that are surely there when the rule has this truth. */
function presentWhere(rule: Fields, truth: boolean): string[] {
  if (rule['Not']) return presentWhere(rule['Not'] as Fields, !truth);
  if (rule['And']) return truth ? list(rule['And']).flatMap((part) => presentWhere(part, true)) : [];
  if (rule['Or']) return truth ? [] : list(rule['Or']).flatMap((part) => presentWhere(part, false));
  return rule['IsPresent'] === truth ? prefixesOf(String(rule['Variable'])) : [];
}

const list = (value: unknown): readonly Fields[] => (value ?? []) as readonly Fields[];
