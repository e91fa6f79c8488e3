/** Sets and clears faults: what was there is on record before anything changes, and is put back in reverse order. */
import type { LockRecord } from '../../../functions/records/types.ts';
import { holdfast } from '../../../functions/shared/command-options.ts';
import {
  type Before,
  CannotSet,
  type Change,
  type ChangeKind,
  type Changer,
  type Changers,
  type Fault,
  type Made,
  type SetFault,
} from './contract.ts';
import type { FaultFile } from './fault-file.ts';
import { type Held, whyHeld, whyKept } from './why-held.ts';
import { type Abilities, whyNot } from './why-not.ts';

export interface FaultPorts {
  readonly file: FaultFile;
  readonly changers: Changers;
  readonly fleet: string;
  abilities(): Promise<Abilities>;
  /** The fleet's lock, which a deploy or a restart holds while it works on servers. */
  lock(): Promise<LockRecord | undefined>;
  now(): number;
}

export interface Cleared {
  readonly cleared: readonly string[];
  /** What could not be put back, a sentence each; these faults stay on the list. */
  readonly left: readonly string[];
}

export interface FaultTime {
  /** Servers are restarted even while a deploy or a restart works on them. @default false */
  readonly duringDeploy?: boolean;
}

/** @throws CannotSet with a sentence; nothing is changed, or everything was put back */
export async function injectFault(fault: Fault, ports: FaultPorts, time: FaultTime = {}): Promise<SetFault> {
  const { file, changers, fleet, abilities, now } = ports;
  return file.alone(async () => {
    const others = file.read();
    refuseTwice(fault, others);
    const why = whyNot(fault, await abilities());
    if (why !== undefined) throw new CannotSet(`fleet ${fleet} cannot have ${fault.name}: it ${why}; nothing was changed`);
    const held = whyHeld(fault, await heldNow(ports, time));
    if (held !== undefined) throw new CannotSet(`${fault.name} was not injected, and nothing was changed: it ${held}`);
    // What cannot be done is known before anything is changed.
    for (const change of fault.changes) await changerOf(changers, change.kind).prepare(change);
    let set: SetFault = { name: fault.name, fleet, setAtMs: now(), made: [] };
    const record = (made: readonly Made[]) => {
      set = { ...set, made };
      file.write([...others, set]);
    };
    try {
      for (const change of fault.changes) {
        const changer = changerOf(changers, change.kind);
        // Again: a change of the same fault may come before it.
        const before = await changer.prepare(change);
        record([...set.made, { kind: change.kind, before }]);
        const after = await changer.apply(change, before, nameOf(set));
        record([...set.made.slice(0, -1), { kind: change.kind, before: after }]);
      }
      return set;
    } catch (cause) {
      const left = await restore(set, changers);
      file.write(left.length === 0 ? others : [...others, set]);
      const end = left.length === 0 ? 'everything is as it was' : `${left.join('; ')}: run "${holdfast('fault clear')}"`;
      throw new CannotSet(`${fault.name} was not set: ${(cause as Error).message}; ${end}`, { cause });
    }
  });
}

/** The faults that the installation can have or has, and the others with why it cannot. */
export async function sortFaults(faults: readonly Fault[], { file, abilities }: Pick<FaultPorts, 'file' | 'abilities'>) {
  const set = new Set(file.read().map(nameOf));
  const can = await abilities();
  const judged = faults.map((fault) => ({ fault, set: set.has(fault.name), why: set.has(fault.name) ? undefined : whyNot(fault, can) }));
  return {
    offered: judged.flatMap(({ fault, set: isSet, why }) => (why === undefined ? [{ fault, set: isSet }] : [])),
    notHere: judged.flatMap(({ fault, why }) => (why === undefined ? [] : [{ name: fault.name, why }])),
  };
}

type ClearPorts = Pick<FaultPorts, 'file' | 'changers' | 'lock' | 'now'>;

const heldNow = async ({ lock, now }: Pick<FaultPorts, 'lock' | 'now'>, { duringDeploy = false }: FaultTime): Promise<Held> => ({
  ...{ lock: await lock(), nowMs: now(), duringDeploy },
});

/** Puts everything back, the latest first; not what restarts servers that a deploy works on. */
export async function clearFaults(ports: ClearPorts, time: FaultTime = {}): Promise<Cleared> {
  const { file, changers } = ports;
  return file.alone(async () => {
    const cleared: string[] = [];
    const left: string[] = [];
    let kept: readonly SetFault[] = file.read();
    for (const set of kept.toReversed()) {
      // Anew for each: what was put back before it can have taken minutes.
      const held = whyKept(set, await heldNow(ports, time));
      const problems = held === undefined ? await restore(set, changers) : [`clearing it ${held}`];
      if (problems.length > 0) left.push(`${set.name}: ${problems.join('; ')}`);
      else {
        cleared.push(set.name);
        kept = kept.filter((other) => other !== set);
        file.write(kept);
      }
    }
    return { cleared, left };
  });
}

function refuseTwice(fault: Fault, others: readonly SetFault[]): void {
  if (others.some(({ name }) => name === fault.name)) throw new CannotSet(`${fault.name} is set already; nothing was changed`);
}

const nameOf = ({ name }: SetFault): string => name;

/** @returns what could not be put back, in sentences */
async function restore(set: SetFault, changers: Changers): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { kind, before } of set.made.toReversed()) {
    try {
      await changerOf(changers, kind).restore(before, nameOf(set));
    } catch (error) {
      problems.push(`${kind} could not be put back (${(error as Error).message})`);
    }
  }
  return problems;
}

/** The changer of a kind, without the kind's own types: change and state belong together by the record. */
const changerOf = (changers: Changers, kind: ChangeKind) =>
  changers[kind] as unknown as {
    prepare(change: Change): Promise<Before[ChangeKind]>;
    apply(change: Change, before: Before[ChangeKind], fault: string): Promise<Before[ChangeKind]>;
    restore: Changer<ChangeKind>['restore'];
  };
