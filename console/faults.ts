/** Faults for rehearsals of incidents, which the local cloud alone has: what the console shows of them, and its buttons. */
import { z } from 'zod';
import { CommandFailure, EXIT } from '../cli/failure.ts';
import type { Step } from './next-steps.ts';

export interface FaultView {
  readonly name: string;
  /** What it does. */
  readonly sentence: string;
  readonly runbook: string;
  /** What its runbook has to find; null for one that must find nothing. */
  readonly cause: string | null;
  readonly set: boolean;
  /** The application is started again on servers: refused while a deploy, a restart or a refresh works on them. */
  readonly restartsServers: boolean;
}

export interface FaultBackend {
  list(): Promise<readonly FaultView[]>;
  /** @throws CommandFailure with a sentence; nothing was changed */
  inject(name: string): Promise<void>;
  /** What could not be put back, in sentences. */
  clear(): Promise<{ readonly cleared: readonly string[]; readonly left: readonly string[] }>;
  /** What to try where nothing needs anybody. */
  tries(): Promise<readonly Step[]>;
}

const noInput = z.strictObject({});

export const readFaults = async (faults: FaultBackend | undefined): Promise<object> => ({ faults: (await faults?.list()) ?? [] });

/** Like `holdfast fault inject NAME`. @throws CommandFailure */
export async function injectFault(faults: FaultBackend | undefined, name: string, input: unknown): Promise<object> {
  const local = required(faults, input);
  await local.inject(name);
  return readFaults(local);
}

/** Like `holdfast fault clear`. @throws CommandFailure */
export async function clearFaults(faults: FaultBackend | undefined, input: unknown): Promise<object> {
  const local = required(faults, input);
  const { left } = await local.clear();
  return { ...(await readFaults(local)), left };
}

function required(faults: FaultBackend | undefined, input: unknown): FaultBackend {
  if (!noInput.safeParse(input).success) {
    throw new CommandFailure('InvalidInput', 'the request is not valid: it takes no input; nothing was changed', EXIT.badInput);
  }
  if (faults) return faults;
  throw new CommandFailure('NotLocal', 'faults are for the local cloud alone; nothing was changed', EXIT.badInput);
}
