/** The table on the emulators, each with Holdfast's extension, started for it and behind a gateway of its own. */
import { ensureLocalStack, type LocalStackSetup, whyNoLocalStack } from '../../../../setup/localstack.mjs';
import { MACHINE_ROLE, ROLE, startWorld, type World } from '../emulator/world.ts';
import { endpointCloud } from './endpoint-cloud.ts';
import type { Row } from './row.ts';
import { type RowResult, runTable } from './run-row.ts';

/** Most rows wait; each function is a process. */
const ROWS_AT_A_TIME = 6;

/**
 * A function counts its calls in its memory, so its environment has to outlive the pauses between them and the question what it has
 * seen, however slow the machine is. Other rows use environments meanwhile: those of a row would end at the emulator's own limits.
 */
const IDLE = { idleEnvironmentMs: 600_000, mostIdleEnvironments: 1_000 };

const emulatorCloud = ({ emulator, stepFunctions, lambda }: Pick<World, 'emulator' | 'stepFunctions' | 'lambda'>) =>
  endpointCloud({
    name: emulator === 'localstack' ? 'LocalStack' : 'default emulator',
    ...{ stepFunctions, lambda, functionRole: ROLE, machineRole: MACHINE_ROLE },
  });

export const runOnDefaultEmulator = (rows: readonly Row[]): Promise<RowResult[]> => runOn(rows, undefined);

/** Not run, with one sentence, where this machine lacks what LocalStack needs. @throws SetupError when it cannot be installed */
export async function runOnLocalStack(rows: readonly Row[]): Promise<RowResult[]> {
  const why = whyNoLocalStack();
  if (why !== undefined) return rows.map(({ name: row }) => ({ row, result: 'not run', why }));
  return runOn(rows, await ensureLocalStack());
}

async function runOn(rows: readonly Row[], localStack: LocalStackSetup | undefined): Promise<RowResult[]> {
  const world = await startWorld([], localStack, IDLE);
  try {
    return await runTable(rows, emulatorCloud(world), ROWS_AT_A_TIME);
  } finally {
    await world.stop();
  }
}
