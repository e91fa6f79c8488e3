import { readCloudState } from '../../cli/cloud-state.ts';
import { stopProcess } from '../../lab/demo/daemon-client.ts';

/** Ends the cloud that an interrupted test run may have left. */
export async function stopStale(): Promise<void> {
  const state = await readCloudState();
  if (state) await stopProcess(state.pid);
}
