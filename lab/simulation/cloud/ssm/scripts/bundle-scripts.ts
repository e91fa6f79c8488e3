/** Models server/documents/bundle_hooks.py: runs a bundle's own scripts. */
import type { InstallOutput } from '../../../../../functions/instance/document-contract.ts';
import type { BundleEvent } from '../../../../../functions/shared/app-contract.ts';
import { NO_RELEASE } from '../../../../../functions/shared/version.ts';
import { failed } from './install-order.ts';
import { httpGet, type ScriptContext } from './script.ts';

/** Between TERM and KILL, at most. */
const TERM_MS = 10_000;
const VALIDATE_MS = 40_000;
const POLL_MS = 500;

/** Ends of a bundle, after which alone something can go on. */
const STOPS: ReadonlySet<BundleEvent> = new Set(['BeforeBlockTraffic', 'AfterBlockTraffic', 'ApplicationStop']);

/** A script that did not succeed. */
export class HookFailed extends Error {
  override readonly name = 'HookFailed';
  get output(): InstallOutput {
    return failed('HookFailed', this.message);
  }
}

/** Each event's scripts in their order. @param continues a failure to stop is noted, and no more @throws HookFailed */
export async function runEvents(context: ScriptContext, version: string, events: readonly BundleEvent[], continues = false): Promise<void> {
  for (const event of version === NO_RELEASE ? [] : events) {
    try {
      await runEvent(context, version, event);
    } catch (error) {
      if (!continues || !STOPS.has(event) || !(error instanceof HookFailed)) throw error;
    }
  }
}

async function runEvent(context: ScriptContext, version: string, event: BundleEvent): Promise<void> {
  const { machine, process, parameters } = context;
  const { mode = 'install', fencingToken: token = '' } = parameters;
  for (const { ms, ends, timeoutSeconds } of machine.bundleOf(version)?.scripts[event] ?? []) {
    machine.acted({ kind: 'script', event, version, mode, token });
    if (ends === 'hangs') {
      await process.sleep(timeoutSeconds * 1000 + machine.random.whole(0, TERM_MS));
      throw new HookFailed(`${version}: a script of ${event} did not end within ${timeoutSeconds} s`);
    }
    await process.sleep(ms);
    if (ends === 'fails' || machine.failsScript()) throw new HookFailed(`${version}: a script of ${event} exited with 1`);
    const why = await DOES[event]?.(context);
    if (why !== undefined) throw new HookFailed(`${version}: a script of ${event} exited with 1: ${why}`);
  }
}

/** What scripts do to the application's own service. */
const DOES: Partial<Record<BundleEvent, (context: ScriptContext) => Promise<string | undefined>>> = {
  async ApplicationStop({ machine, process }) {
    await process.sleep(machine.random.whole(100, 1_500));
    machine.stopService('own');
    return undefined;
  },
  /** `systemctl restart`: it finds the application running where the stop has failed. */
  async ApplicationStart({ machine, process }) {
    machine.stopService('own');
    machine.startService('own');
    await process.sleep(machine.random.whole(50, 400));
    return undefined;
  },
  async ValidateService(context) {
    const { process } = context;
    const deadlineMs = process.now() + VALIDATE_MS;
    for (;;) {
      const answer = await httpGet(context);
      if ('application' in answer && answer.application.behaviour.healthStatus === 200) return undefined;
      if (process.now() > deadlineMs) return 'error' in answer ? answer.error : `status ${answer.application.behaviour.healthStatus}`;
      await process.sleep(POLL_MS);
    }
  },
};
