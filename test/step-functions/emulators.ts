/** The table on the emulators, each with Holdfast's extension, started for it and behind a gateway of its own. */
import { ensureLocalStack, type LocalStackSetup, whyNoLocalStack } from '../../setup/localstack.mjs';
import { MACHINE_ROLE, ROLE, startWorld, type World } from '../local/aws/emulator/world.ts';
import { endpointCloud } from './endpoint-cloud.ts';
import type { Row } from './row.ts';
import { type RowResult, runTable } from './run-row.ts';

/** Most rows wait; each function is a process. */
const ROWS_AT_A_TIME = 6;

export const emulatorCloud = ({ emulator, stepFunctions, lambda }: Pick<World, 'emulator' | 'stepFunctions' | 'lambda'>) =>
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
  const world = await startWorld([], localStack);
  try {
    return await runTable(rows, emulatorCloud(world), ROWS_AT_A_TIME);
  } finally {
    await world.stop();
  }
}
