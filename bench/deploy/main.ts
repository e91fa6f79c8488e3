/**
 * `npm run bench:deploy`: the shell script that Holdfast replaces and Holdfast at default settings, on one fleet, under
 * the same traffic, at several propagation lags, in one run.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HELP, type Options, parseOptions } from './options.ts';

/** A fleet that served before its deploy has metrics of whole minutes, from which the deploy reads how busy it is. */
const SERVING_BEFORE_MS = 2 * 60_000;
const MINUTE_MS = 60_000;

async function bench({ lags, users, json }: Options): Promise<number> {
  // A state folder of its own: a cloud that is up in this checkout is neither used nor ended.
  process.env['HOLDFAST_STATE_FOLDER'] = path.resolve(import.meta.dirname, '../../.holdfast/bench');
  const { FIRST_VERSION, bringUp } = await import('../../local/bring-up.ts');
  const { startTraffic } = await import('../../local/traffic/client.ts');
  const { faultControl } = await import('../../local/fault-control.ts');
  const { openFleet } = await import('./local-fleet.ts');
  const { runHoldfastCase, runScriptCase } = await import('./run-case.ts');
  const { describeCase, unmetExpectations } = await import('./judge-cases.ts');

  const begunMs = Date.now();
  const log = (line: string) =>
    (json ? process.stderr : process.stdout).write(`${((Date.now() - begunMs) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
  const installation = await bringUp({ fleet: 'web', realTime: true, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, log });
  const { daemon, cloud, loadBalancerUrl, publish } = installation;
  const end = () => void daemon.stop().then(() => process.exit(130));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const { caFile } = daemon.state;
    const fleet = await openFleet(cloud, daemon.state);
    const environment = { cloud, fleet, servers: await fleet.servers(), loadBalancerUrl, caFile, users, log };
    log(`sending traffic of ${users} users for ${SERVING_BEFORE_MS / MINUTE_MS} minutes`);
    // A minute with traffic for a moment only would count as a quiet one: traffic begins with a minute, and goes on between the cases.
    await sleep(MINUTE_MS - (Date.now() % MINUTE_MS));
    let between = startTraffic({ url: loadBalancerUrl, caFile, users });
    await between.ready;
    await sleep(SERVING_BEFORE_MS);

    const faults = faultControl(daemon.state);
    const rounds = lags.flatMap((lagSeconds) => [runScriptCase, runHoldfastCase].map((run) => ({ lagSeconds, run })));
    const cases: Awaited<ReturnType<typeof runScriptCase>>[] = [];
    let from = FIRST_VERSION;
    for (const [index, { lagSeconds, run }] of rounds.entries()) {
      const to = `1.${index + 1}.0`;
      await publish(to);
      const lag = await faults.set({ on: 'propagation', effect: { kind: 'lag', ms: lagSeconds * 1000 } });
      await between.stop();
      const one = await run(environment, { lagSeconds, from, to });
      between = startTraffic({ url: loadBalancerUrl, caFile, users });
      await faults.remove(lag);
      cases.push(one);
      log(describeCase(one));
      from = to;
    }
    await between.stop();
    fleet.close();
    const unmet = unmetExpectations(cases);
    if (json) process.stdout.write(`${JSON.stringify({ cases })}\n`);
    for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
    return unmet.length === 0 ? 0 : 1;
  } finally {
    await daemon.stop();
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(HELP);
  process.exit(options === 'help' ? 0 : await bench(options));
} catch (error) {
  const wrongOption = error instanceof TypeError;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(wrongOption ? 2 : 1);
}
