/** A state machine's definition as a procedure: the states of a run without waiting, and its loops. Pure. */

export interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string; readonly StringEquals?: string }[];
  readonly Resource?: string;
  readonly Parameters?: { readonly FunctionName?: string };
  /** Of a Map. */
  readonly ItemProcessor?: Definition;
  /** Of a Parallel. */
  readonly Branches?: readonly Definition[];
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** A path from a choice back to it. */
export interface Loop {
  readonly choice: string;
  /** The verdict that leads there: `REPEAT`, or `otherwise`. */
  readonly verdict: string;
  /** The states of one more round, the choice included. */
  readonly states: readonly string[];
}

export interface Procedure {
  /** From the start to the success, with no loop repeated. */
  readonly states: readonly string[];
  readonly loops: readonly Loop[];
}

interface Branch {
  readonly verdict: string;
  readonly next: string;
}

/** @param definition without Maps and Parallels */
export function readProcedure(definition: Definition): Procedure {
  const states = mainPath(definition, definition.StartAt);
  const loops = states
    .filter((name) => definition.States[name]?.Type === 'Choice')
    .flatMap((choice) => {
      const exit = onward(definition, choice);
      return branchesOf(definition, choice)
        .filter(({ next }) => next !== exit)
        .map(({ verdict, next }): Loop => ({ choice, verdict, states: mainPath(definition, next, choice) }))
        .filter((loop) => loop.states.at(-1) === choice);
    });
  return { states, loops };
}

/** Replaces each Map by its own states, for one item, and each Parallel by those of its branches, one after the other. */
export function unfold({ StartAt, States }: Definition): Definition {
  const unfolded = Object.entries(States).flatMap(([name, state]): [string, State][] => {
    const { Type, ItemProcessor, Branches = [], Next } = state;
    const parts = ItemProcessor === undefined ? Branches : [ItemProcessor];
    if (parts.length === 0) return [[name, state]];
    const within = parts.flatMap((part, index) => statesOf(part, parts[index + 1]?.StartAt ?? Next));
    return [[name, { Type, Next: parts[0]?.StartAt }], ...within];
  });
  return { StartAt, States: Object.fromEntries(unfolded) };
}

/** A part's states, which go on to `next` where the part ends; without one, the part is the end of what it is in. */
function statesOf(part: Definition, next: string | undefined): [string, State][] {
  return Object.entries(unfold(part).States).map(([name, state]): [string, State] => {
    const ends = state.Type === 'Succeed' || state.End;
    if (!ends || next === undefined) return [name, state];
    return [name, { ...state, Type: state.Type === 'Succeed' ? 'Pass' : state.Type, End: false, Next: next }];
  });
}

/** The states from `start` along the procedure, up to `last` or to the end. */
function mainPath(definition: Definition, start: string, last?: string): string[] {
  const path: string[] = [];
  const seen = new Set<string>();
  for (let name: string | undefined = start; name !== undefined && !seen.has(name); name = onward(definition, name)) {
    path.push(name);
    seen.add(name);
    if (name === last) break;
  }
  return path;
}

/** The next state of the procedure, with each loop left. */
function onward(definition: Definition, name: string): string | undefined {
  const state = definition.States[name];
  if (state?.Type !== 'Choice') return state?.Next;
  return branchesOf(definition, name).find(({ next }) => leadsToSuccess(definition, next, name))?.next;
}

/** Whether a run can succeed from `start` without passing `avoided`. Catches are not part of a procedure. */
function leadsToSuccess(definition: Definition, start: string, avoided: string): boolean {
  const seen = new Set([avoided]);
  const left = [start];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const state = definition.States[name];
    if (state?.Type === 'Succeed' || state?.End) return true;
    left.push(...(state?.Next ? [state.Next] : []), ...branchesOf(definition, name).map(({ next }) => next));
  }
  return false;
}

function branchesOf({ States }: Definition, name: string): Branch[] {
  const { Choices = [], Default } = States[name] ?? {};
  return [
    ...Choices.map(({ Next, StringEquals = 'otherwise' }) => ({ verdict: StringEquals, next: Next })),
    ...(Default === undefined ? [] : [{ verdict: 'otherwise', next: Default }]),
  ];
}
