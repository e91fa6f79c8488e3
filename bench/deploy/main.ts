/**
 * `npm run bench:deploy`: the seed's script and Holdfast with the script's own delays, on one fleet, under the same
 * traffic, at several propagation lags, in one run.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const HELP = `Usage: npm run bench:deploy -- [options]

Rolls releases through one local fleet under live traffic, by the script that Holdfast replaces and by Holdfast with the
script's delays, at each lag of the load balancer. Takes some 18 minutes.

  --lags LIST   seconds that the load balancer goes on with the old targets (default 3,20,40)
  --users N     virtual users (default 200)
  --json        exactly one line on standard output (progress goes to standard error)
  --help

Exit codes: 0 every expectation was met, 1 one was not (it is named), 2 an option is wrong.
`;

/** Steady traffic before a deploy: what Holdfast knows of it comes from whole minutes. */
const STEADY_MS = 10_000;
const AFTER_MS = 2_000;

interface Options {
  readonly lags: readonly number[];
  readonly users: number;
  readonly json: boolean;
}

function parse(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      lags: { type: 'string', default: '3,20,40' },
      users: { type: 'string', default: '200' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const lags = values.lags.split(',').map(Number);
  const users = Number(values.users);
  if (!lags.every((lag) => Number.isFinite(lag) && lag >= 0 && lag <= 120))
    throw new TypeError(`--lags ${values.lags} is no list of seconds from 0 to 120`);
  if (!Number.isInteger(users) || users < 1 || users > 2_000) throw new TypeError(`--users ${values.users} is not from 1 to 2000`);
  return { lags, users, json: values.json };
}

async function bench({ lags, users, json }: Options): Promise<number> {
  // Its own state: a cloud that is up in this checkout is neither used nor ended.
  process.env['HOLDFAST_STATE_FOLDER'] = path.resolve(import.meta.dirname, '../../.holdfast/bench');
  const { FIRST_VERSION, standUp } = await import('../../local/stand-up.ts');
  const { deployUnderTraffic } = await import('../../local/deploy-under-traffic.ts');
  const { startTraffic } = await import('../../local/traffic/client.ts');
  const { faultControl } = await import('../../local/faults/fault-control.ts');
  const { openFleet } = await import('./local-fleet.ts');
  const { runSeedScript } = await import('./seed-script.ts');
  const { overheadSecondsPerTarget } = await import('./measure-overhead.ts');
  const { disappointments } = await import('./judge-cases.ts');
  type DeployCase = import('./judge-cases.ts').DeployCase;

  const begunMs = Date.now();
  const say = (line: string) =>
    (json ? process.stderr : process.stdout).write(`${((Date.now() - begunMs) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
  const standing = await standUp({ fleet: 'web', realTime: true, settleSeconds: 0, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, say });
  const { daemon, cloud, loadBalancerUrl, publish } = standing;
  const end = () => void daemon.stop().then(() => process.exit(130));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const { caFile } = daemon.state;
  let version = FIRST_VERSION;
  const next = async () => {
    const [major, minor] = version.split('.').map(Number);
    version = `${major}.${(minor ?? 0) + 1}.0`;
    await publish(version);
    return version;
  };
  try {
    const fleet = await openFleet(cloud, daemon.state);
    const servers = await fleet.servers();

    const script = async (lagSeconds: number): Promise<DeployCase> => {
      const to = await next();
      const traffic = startTraffic({ url: loadBalancerUrl, caFile, users });
      try {
        await traffic.ready;
        await sleep(STEADY_MS);
        traffic.mark('during');
        const startMs = Date.now();
        await fleet.withoutAutoScaling(() => runSeedScript(servers, fleet.actions(to)));
        const seconds = (Date.now() - startMs) / 1000;
        await fleet.untilHealthy(servers.length);
        // What still arrives late is the script's doing as well.
        await sleep(lagSeconds * 1000 + AFTER_MS);
        const { requests, failed, sessionsLost } = await traffic.stop();
        return { name: 'seed-script', lagSeconds, seconds, requests, failed, sessionsLost };
      } finally {
        await traffic.stop().catch(() => {});
      }
    };

    const holdfast = async (lagSeconds: number): Promise<DeployCase> => {
      const from = version;
      const to = await next();
      const { result, untilHealthy } = await fleet.watchHealth(() =>
        deployUnderTraffic({ cloud, loadBalancerUrl, caFile, users, from, to, say: (line) => say(`  ${line}`) }),
      );
      const { deploy, traffic } = result;
      if (deploy.status !== 'SUCCEEDED') throw new Error(`the deploy of ${to} ended ${deploy.status}: ${deploy.message ?? deploy.error}`);
      const record = await cloud.records.getDeploy(cloud.fleet, deploy.executionArn.split(':').at(-1) as string);
      const targets = Object.entries(record?.targets ?? {}).sort(([, a], [, b]) => (a.startedAtMs ?? 0) - (b.startedAtMs ?? 0));
      // The first target bears what comes before all of them, and the last what follows.
      const starts = targets.map(([, { startedAtMs }], index) => (index === 0 ? record?.startedAtMs : startedAtMs) ?? 0);
      const times = await Promise.all(
        targets.map(async ([id], index) => {
          const startMs = starts[index] as number;
          const roll = { startMs, endMs: starts[index + 1] ?? record?.finishedAtMs ?? startMs };
          const none = { startMs, endMs: startMs };
          return { roll, commands: await fleet.commandsSince(id, startMs), untilHealthy: untilHealthy.get(id) ?? none };
        }),
      );
      await fleet.untilHealthy(servers.length);
      return {
        name: 'holdfast',
        lagSeconds,
        seconds: deploy.seconds,
        requests: traffic.requests,
        failed: traffic.failed,
        sessionsLost: traffic.sessionsLost,
        overheadSecondsPerTarget: overheadSecondsPerTarget(times),
        transitionsPerTarget: (await fleet.transitions(deploy.executionArn)) / targets.length,
      };
    };

    const cases: DeployCase[] = [];
    const faults = faultControl(daemon.state);
    for (const lagSeconds of lags) {
      for (const run of [script, holdfast]) {
        const lag = await faults.set({ on: 'propagation', effect: { kind: 'lag', ms: lagSeconds * 1000 } });
        const one = await run(lagSeconds);
        await faults.remove(lag);
        cases.push(one);
        say(describe(one));
      }
    }
    fleet.close();
    const missed = disappointments(cases);
    if (json) process.stdout.write(`${JSON.stringify({ cases })}\n`);
    for (const sentence of missed) process.stderr.write(`not as expected: ${sentence}\n`);
    return missed.length === 0 ? 0 : 1;
  } finally {
    await daemon.stop();
  }
}

const describe = (one: import('./judge-cases.ts').DeployCase): string =>
  [
    `${one.name} at a lag of ${one.lagSeconds} s: ${one.seconds.toFixed(1)} s, ${one.requests} requests, ${one.failed} failed, ${one.sessionsLost} sessions lost`,
    one.overheadSecondsPerTarget !== undefined && `overhead ${one.overheadSecondsPerTarget.toFixed(2)} s a target`,
    one.transitionsPerTarget !== undefined && `${one.transitionsPerTarget.toFixed(0)} transitions a target`,
  ]
    .filter(Boolean)
    .join(', ');

try {
  const options = parse(process.argv.slice(2));
  if (options === 'help') process.stdout.write(HELP);
  process.exit(options === 'help' ? 0 : await bench(options));
} catch (error) {
  const wrongOption = error instanceof TypeError;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(wrongOption ? 2 : 1);
}
