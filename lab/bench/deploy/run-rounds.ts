/** Rolls the releases of one setting through a local cloud of its own, one after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bringUp, FIRST_VERSION } from '../../demo/bring-up.ts';
import { faultControl } from '../../demo/fault-control.ts';
import { startTraffic } from '../../demo/traffic/client.ts';
import { type DeployCase, describeCase } from './judge-cases.ts';
import { openFleet } from './local-fleet.ts';
import type { Options } from './options.ts';
import { runHoldfastCase, runScriptCase } from './run-case.ts';
import type { Setting } from './settings.ts';

/** A fleet that served before its deploy has metrics of whole minutes, from which the deploy reads how busy it is. */
const SERVING_BEFORE_MS = 2 * 60_000;
const MINUTE_MS = 60_000;

export async function runRounds(
  { example, alone, server, traffic }: Setting,
  { lags, users }: Pick<Options, 'lags' | 'users'>,
  log: (line: string) => void,
): Promise<readonly DeployCase[]> {
  const { daemon, cloud, loadBalancerUrl, publish } = await bringUp({
    ...{ fleet: 'web', realTime: true, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, log },
    ...(server && { server }),
    ...(example && { app: example.app, server: example.server ?? {} }),
  });
  const end = () => void daemon.stop().then(() => process.exit(130));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const { caFile } = daemon.state;
    const fleet = await openFleet(cloud, daemon.state);
    const name: DeployCase['name'] = example?.name ?? alone ?? 'holdfast';
    const environment = { cloud, fleet, servers: await fleet.servers(), loadBalancerUrl, caFile, users, traffic, name, log };
    const start = () => startTraffic({ url: loadBalancerUrl, caFile, users, ...traffic });
    log(`sending traffic of ${users} users for ${SERVING_BEFORE_MS / MINUTE_MS} minutes`);
    // A minute with traffic for a moment only would count as a quiet one: traffic begins with a minute, and goes on between the cases.
    await sleep(MINUTE_MS - (Date.now() % MINUTE_MS));
    let between = start();
    await between.ready;
    await sleep(SERVING_BEFORE_MS);

    const faults = faultControl(daemon.state);
    const runs = example || alone ? [runHoldfastCase] : [runScriptCase, runHoldfastCase];
    const rounds = lags.flatMap((lagSeconds) => runs.map((run) => ({ lagSeconds, run })));
    const cases: DeployCase[] = [];
    let from = FIRST_VERSION;
    for (const [index, { lagSeconds, run }] of rounds.entries()) {
      const to = `1.${index + 1}.0`;
      await publish(to);
      const lag = await faults.set({ on: 'propagation', effect: { kind: 'lag', ms: lagSeconds * 1000 } });
      await between.stop();
      const one = await run(environment, { lagSeconds, from, to });
      between = start();
      await faults.remove(lag);
      cases.push(one);
      log(describeCase(one));
      from = to;
    }
    await between.stop();
    fleet.close();
    return cases;
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await daemon.stop();
  }
}
