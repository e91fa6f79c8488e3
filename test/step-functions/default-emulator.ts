/** The table on the default emulator, with Holdfast's extension: a MiniStack of its own. */
import { MACHINE_ROLE, ROLE, startWorld, type World } from '../local/aws/emulator/world.ts';
import { endpointCloud } from './endpoint-cloud.ts';
import type { Row } from './row.ts';
import { type RowResult, runTable } from './run-row.ts';

/** Most rows wait; each function is a process. */
const ROWS_AT_A_TIME = 6;

export const emulatorCloud = ({ stepFunctions, lambda }: Pick<World, 'stepFunctions' | 'lambda'>) =>
  endpointCloud({ name: 'default emulator', stepFunctions, lambda, functionRole: ROLE, machineRole: MACHINE_ROLE });

export async function runOnDefaultEmulator(rows: readonly Row[]): Promise<RowResult[]> {
  const world = await startWorld([]);
  try {
    return await runTable(rows, emulatorCloud(world), ROWS_AT_A_TIME);
  } finally {
    await world.stop();
  }
}
