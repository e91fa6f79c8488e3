/** Rolls a WAR of others under its users through a deploy, the death of a server and the replacement of another. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AutoScalingClient, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import type { CloudState } from '../../../../cli/cloud-state.ts';
import { connectWithConfig, examine } from '../../../../cli/doctor/doctor.ts';
import { CLIENT_OPTIONS } from '../../../../functions/shared/aws/client-options.ts';
import { describeUnwritten, isUnwrittenWarning, type UnwrittenChanges } from '../../../../functions/shared/unwritten.ts';
import { bringUp, NEXT_VERSION } from '../../../demo/bring-up.ts';
import { deployRelease } from '../../../demo/deploy-release.ts';
import type { ProcessRecord } from '../../../processes/process-ledger.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { openFleet } from '../local-fleet.ts';
import type { Advice, Unwritten, WarCase } from './judge-wars.ts';
import { startVisits } from './visits.ts';
import { WARS } from './war-cases.ts';
import type { WarName } from './war-names.ts';

const SERVERS = 2;
const STEADY_MS = 15_000;
/** With a strategy that is advised against: traffic before the deploy that has to bring the warning. */
const ADVISED_AGAINST_MS = 120_000;
/** In the local cloud's short bake, hardly a user comes by. */
const BAKES: Readonly<Record<Advice, object>> = {
  recommended: {},
  warned: { bakeSeconds: 20 },
  refused: { bakeSeconds: 20, bakeMaxUnwritten: 0 },
};
/** The load balancer has taken the dead server out, and the rest of what was on its way has ended. */
const AFTER_DEATH_MS = 8_000;
const REPLACED_LIMIT_MS = 180_000;
const HTTP_LIMIT_MS = 5_000;

export async function runWar(name: WarName, log: (line: string) => void): Promise<WarCase> {
  const { artifact, habits, fleet: kept, advice = 'recommended', prepare } = WARS[name];
  const made = await mkdtemp(path.join(tmpdir(), 'war-'));
  const { daemon, cloud, loadBalancerUrl, publish } = await bringUp({
    ...{ fleet: 'web', realTime: false, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, log },
    app: async () => prepare(made),
    server: { minCapacity: SERVERS, deploy: { minimumHealthyTargets: 1, ...BAKES[advice] }, ...kept },
  });
  const end = () => void daemon.stop().then(() => process.exit(130));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const { caFile, runFolder } = daemon.state;
    const fleet = await openFleet(cloud, daemon.state);
    await publish(NEXT_VERSION);
    const visits = startVisits(loadBalancerUrl, caFile, habits);
    log(`${name}: visits`);
    await sleep(advice === 'warned' ? ADVISED_AGAINST_MS : STEADY_MS);
    const { status, message, executionArn } = await deployRelease(cloud, NEXT_VERSION, log);
    const wanted = advice === 'refused' ? 'FAILED' : 'SUCCEEDED';
    if (status !== wanted) throw new Error(`${name}: the deploy ended ${status}: ${message}`);
    await sleep(STEADY_MS);
    if (advice === 'recommended') {
      const [first = ''] = await fleet.servers();
      log(`${name}: ${first} dies`);
      visits.serverIsDead = true;
      killServer(runFolder, first);
      await sleep(AFTER_DEATH_MS);
      visits.serverIsDead = false;
      await fleet.untilHealthy(SERVERS);
      // Auto Scaling may have replaced the first one meanwhile.
      const second = (await fleet.servers()).find((server) => server !== first) ?? '';
      log(`${name}: ${second} is replaced`);
      await replaceServer(daemon.state, second);
      await waitUntil(`the server in the place of ${second}`, async () => !(await fleet.servers()).includes(second), {
        timeoutMs: REPLACED_LIMIT_MS,
      });
      await fleet.untilHealthy(SERVERS);
      await sleep(STEADY_MS);
    }
    const { requests, failed, failedByDeath, logins, state, failures } = await visits.stop();
    for (const failure of failures.slice(0, 5)) log(`${name}: failed ${failure}`);
    const record = await cloud.records.getDeploy(cloud.fleet, executionArn.split(':').at(-1) ?? '');
    const ofDeploy = (record?.warnings ?? []).filter((warning) => isUnwrittenWarning(NEXT_VERSION, warning));
    const unwritten: readonly Unwritten[] = [
      ...(advice === 'refused' ? [`${message}`].filter((why) => why.includes('bakeMaxUnwritten')) : ofDeploy).map((says) => ({
        by: 'deploy' as const,
        says,
      })),
      ...(await unwrittenByDoctor()),
      ...(await unwrittenOf(runFolder, await fleet.servers())),
    ];
    fleet.close();
    const strategy = `${kept.strategy}${kept.stickiness ? ' with stickiness' : ''}`;
    return { war: artifact, strategy, requests, failed, failedByDeath, loginsKept: logins, stateKept: state, unwritten };
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await daemon.stop();
    await rm(made, { recursive: true, force: true });
  }
}

async function unwrittenByDoctor(): Promise<readonly Unwritten[]> {
  const { cloud, config } = await connectWithConfig({});
  const { findings } = await examine(cloud, config);
  const warnings = findings.filter(({ check, severity }) => check === 'session-changes' && severity === 'warning');
  return warnings.map(({ what }) => ({ by: 'doctor', says: what }));
}

/** What the servers themselves found in a sample of their requests. */
async function unwrittenOf(runFolder: string, servers: readonly string[]): Promise<readonly Unwritten[]> {
  const said: Unwritten[] = [];
  for (const server of servers) {
    const settings = readFileSync(path.join(runFolder, 'instances', server, 'opt/holdfast/etc/instance.env'), 'utf8');
    const port = /^STATUS_PORT="(\d+)"$/m.exec(settings)?.[1];
    const answer = await fetch(`http://127.0.0.1:${port}/status`, { signal: AbortSignal.timeout(HTTP_LIMIT_MS) });
    const { unwritten } = (await answer.json()) as { readonly unwritten?: UnwrittenChanges };
    if (unwritten !== undefined && unwritten.requests > 0) said.push({ by: 'server', says: describeUnwritten(unwritten) });
  }
  return said;
}

/** As a process that the kernel ends for want of memory. The ledger has each server's process, whose environment names the server. */
function killServer(runFolder: string, instanceId: string): void {
  const folder = path.join(runFolder, 'pids');
  const records = readdirSync(folder).map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as ProcessRecord);
  const isServers = ({ pid, name }: ProcessRecord): boolean =>
    name === 'holdfast-app.service' &&
    readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOLDFAST_INSTANCE_ID=${instanceId}`);
  const app = records.filter(isServers);
  if (app.length === 0) throw new Error(`the server ${instanceId} has no process in ${folder}`);
  for (const { pid } of app) process.kill(pid, 'SIGKILL');
}

async function replaceServer({ gatewayUrl, region, credentials }: CloudState, instanceId: string): Promise<void> {
  const client = new AutoScalingClient({ region, endpoint: gatewayUrl, credentials, ...CLIENT_OPTIONS });
  await client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: instanceId, ShouldDecrementDesiredCapacity: false }));
  client.destroy();
}
