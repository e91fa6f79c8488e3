/** What the suites of the documents' scripts share: servers of a fleet, and what they are asked. */
import { beforeAll, describe as suite, it as test } from 'vitest';
import {
  type ObserveOutput,
  observeOutput,
  type WaitIdleOutput,
  type WaitIdleParameters,
  waitIdleOutput,
} from '../../../functions/instance/document-contract.ts';
import type { Fleet, ServerKind, ServerUnderTest } from './server-under-test.ts';

export const SLICE: WaitIdleParameters = {
  fencingToken: '5',
  sliceSeconds: '2',
  floorSeconds: '0',
  quietSeconds: '0.5',
  previousRequests: '-1',
  previousQuietSeconds: '0',
  drainSignal: 'auto',
  targetPorts: '0',
  longLived: 'close',
  drainStartedAtMs: '0',
};

export function suiteOn(fleet: Fleet) {
  const describe = (name: string, tests: () => void) => suite(name, { concurrent: fleet.atOnce ?? false }, tests);
  // On one server they follow each other.
  const it = (name: string, run: () => Promise<void>) => test(name, { concurrent: false }, run);
  const itOfTheWhole = (name: string, run: () => Promise<void>) => test.runIf(fleet.whole ?? true)(name, { concurrent: false }, run);
  const on = (kind: ServerKind) => {
    let launched: ServerUnderTest;
    beforeAll(async () => {
      launched = await fleet.launch(kind);
    });
    const watch = async (parameters: Partial<WaitIdleParameters>): Promise<WaitIdleOutput> => {
      return waitIdleOutput.parse((await launched.waitIdle({ ...SLICE, ...parameters })).line);
    };
    const observe = async (attempts: number, intervalSeconds = '0.1'): Promise<ObserveOutput> => {
      const { line } = await launched.observe({ attempts: String(attempts), intervalSeconds, confirmSeconds: '0.1' });
      return observeOutput.parse(line);
    };
    return { server: () => launched, watch, observe };
  };
  return { describe, it, itOfTheWhole, on };
}
