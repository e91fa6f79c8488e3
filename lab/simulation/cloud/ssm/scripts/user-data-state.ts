/** Models server/documents/user_data_state.py. */
import type { ScriptContext } from './script.ts';

const POLL_MS = 500;

export type Preparation =
  | { readonly state: 'prepared' }
  /** @property phase what user data does at the end of the time */
  | { readonly state: 'preparing'; readonly phase: string }
  /** User data cannot prepare this server any more. */
  | { readonly state: 'failed'; readonly why: string };

/** Waits at most `limitSeconds` for the end of user data. */
export async function waitForUserData({ machine: { disk }, process }: ScriptContext, limitSeconds: number): Promise<Preparation> {
  const deadlineMs = process.now() + limitSeconds * 1000;
  for (;;) {
    const { word, phase, reason, alive } = disk.userData;
    if (word === 'failed') return failed(`user data failed while ${phase}: ${reason.split('\n').join(' | ')}`);
    if (word === 'running' && !alive) {
      return failed(`user data was stopped while ${phase}, and does not run again: replace the instance`);
    }
    if (word !== 'running' && disk.prepared) return { state: 'prepared' };
    if (word === 'ended') return failed('user data has ended without etc/instance.env: replace the instance');
    if (process.now() > deadlineMs) return { state: 'preparing', phase: phase || 'user data has not begun' };
    await process.sleep(POLL_MS);
  }
}

const failed = (why: string): Preparation => ({ state: 'failed', why });
