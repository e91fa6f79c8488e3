/** What the benchmark of the emulators prints. Pure. */
import type { EmulatorName } from '#local-aws/emulator/emulator.ts';

export interface EmulatorCase {
  readonly name: EmulatorName;
  /** From the start of the local cloud's process until the emulator answers calls; not its set-up on this machine. */
  readonly bootSeconds: number;
  /** `cdk bootstrap`, while the stacks are synthesized. */
  readonly bootstrapSeconds: number;
  /** `cdk deploy --all`. */
  readonly deploySeconds: number;
  /** One deploy of a release to three servers, without traffic, with the short times of the local cloud. */
  readonly rollingDeploySeconds: number;
  /** Highest sum of resident sets of all processes, servers and store included. */
  readonly peakRssMb: number;
}

export interface FailedCase {
  readonly name: EmulatorName;
  readonly reason: string;
}

/** @throws Error when one was not reached */
export function secondsBetween<Name extends string>(atMs: ReadonlyMap<Name, number>): (from: Name, to: Name) => number {
  const at = (name: Name): number => {
    const ms = atMs.get(name);
    if (ms === undefined) throw new Error(`"${name}" was not reached`);
    return ms;
  };
  return (from, to) => Math.round((at(to) - at(from)) / 100) / 10;
}

const COLUMNS = ['bootSeconds', 'bootstrapSeconds', 'deploySeconds', 'rollingDeploySeconds', 'peakRssMb'] as const;

export function tableOf(cases: readonly EmulatorCase[]): string {
  const rows = [['', ...COLUMNS], ...cases.map((one) => [one.name, ...COLUMNS.map((column) => String(one[column]))])];
  return rows.map((row) => row.map((cell, index) => cell.padStart(index === 0 ? 0 : 22).padEnd(12)).join('')).join('\n');
}
