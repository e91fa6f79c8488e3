/** Brings a local cloud up with both fleets, and runs the chosen cases of each, one after the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureJava } from '../../../../setup/java.mjs';
import { startDaemon } from '../../../demo/daemon-client.ts';
import { CASES, firstRun } from './cases.ts';
import { BUNDLE_FLEETS, type BundleChoice, type JudgedCase } from './judge-bundles.ts';
import { runCase } from './run-case.ts';
import { openStand } from './stand.ts';

export async function runBundles(choice: BundleChoice, log: (line: string) => void): Promise<readonly JudgedCase[]> {
  const interruption = new AbortController();
  const { signal } = interruption;
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-bench-bundle-'));
  const times = { fleet: 'web', realTime: false, slowStart: true, server: {}, javaHome: ensureJava().home };
  const daemon = await startDaemon({ ...times, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0 }, signal);
  try {
    const kinds = BUNDLE_FLEETS.filter((name) => choice[name] !== undefined);
    const { fleets } = await openStand({ state: daemon.state, folder, kinds, log, signal });
    const judged: JudgedCase[] = [];
    for (const fleet of fleets) {
      const run = firstRun();
      const chosen = choice[fleet.kind.name] ?? [];
      // The others begin with a release of Holdfast's.
      if (!chosen.includes('adopted-first-deploy')) await CASES['adopted-first-deploy'](fleet, run);
      for (const name of chosen) {
        signal.throwIfAborted();
        const one = await runCase(name, fleet, run, log);
        judged.push(one);
        log(JSON.stringify(one));
      }
    }
    return judged;
  } finally {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
