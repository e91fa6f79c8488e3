/** One local cloud on one emulator, from nothing to the end of a rolling deploy. */

import { bringUp, type Milestone, NEXT_VERSION } from '../../demo/bring-up.ts';
import { deployRelease } from '../../demo/deploy-release.ts';
import { trackPeakRss } from '../../processes/measure-memory.ts';
import { type EmulatorCase, secondsBetween } from './summarize.ts';

const MEMORY_INTERVAL_MS = 500;

/** @throws Error when a part of it fails; everything that was started is stopped */
export async function measureEmulator(name: EmulatorCase['name'], log: (line: string) => void): Promise<EmulatorCase> {
  const reachedAtMs = new Map<Milestone | 'rolled' | 'rolling', number>();
  // The memory of this process with everything below it: the daemon, the emulator, functions, servers, cdk.
  const memory = trackPeakRss(process.pid, MEMORY_INTERVAL_MS);
  const reached = (milestone: Milestone) => reachedAtMs.set(milestone, performance.now());
  const installation = await bringUp({
    ...{ fleet: 'web', realTime: false, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, emulator: name },
    incidents: { enabled: false },
    log: (line) => log(`${name}: ${line}`),
    reached,
  });
  try {
    await installation.publish(NEXT_VERSION);
    reachedAtMs.set('rolling', performance.now());
    log(`${name}: rolling release ${NEXT_VERSION}`);
    const { status, error, message } = await deployRelease(installation.cloud, NEXT_VERSION, (line) => log(`${name}: ${line}`));
    reachedAtMs.set('rolled', performance.now());
    if (status !== 'SUCCEEDED') throw new Error(`the rolling deploy ended as ${status}: ${message ?? error ?? 'without a reason'}`);
    const seconds = secondsBetween(reachedAtMs);
    return {
      name,
      bootSeconds: seconds('starting', 'booted'),
      bootstrapSeconds: seconds('booted', 'bootstrapped'),
      deploySeconds: seconds('bootstrapped', 'deployed'),
      rollingDeploySeconds: seconds('rolling', 'rolled'),
      peakRssMb: Math.round(memory.stop()),
    };
  } finally {
    memory.stop();
    await installation.daemon.stop();
  }
}
