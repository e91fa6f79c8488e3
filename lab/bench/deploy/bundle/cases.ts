/** What happens in each case, and how the deploy has to end. */
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { ListCommandInvocationsCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CLIENT_OPTIONS } from '../../../../functions/shared/aws/client-options.ts';
import { faultControl } from '../../../demo/fault-control.ts';
import { waitUntil } from '../../../processes/wait.ts';
import type { BundleCaseName } from './judge-bundles.ts';
import type { Flaw } from './make-bundle.ts';
import { type BundleFleet, type Ended, FIRST, GROUP } from './stand.ts';

/** Of a fleet's cases, which follow each other. */
export interface CaseRun {
  /** What all servers run. */
  current: string;
  last: number;
  /** Servers with an image of {@link FIRST}: what of it the release does not have stays, as with CodeDeploy, for no Install has brought it. */
  launched: readonly string[];
}

export interface Happened {
  readonly rolledBack: boolean;
  readonly problems: readonly string[];
}

const AUTO_SCALING_LIMIT_MS = 180_000;
const client = ({ state }: BundleFleet) => ({
  ...CLIENT_OPTIONS,
  region: state.region,
  endpoint: state.gatewayUrl,
  credentials: state.credentials,
});

export const firstRun = (): CaseRun => ({ current: FIRST, last: Number(FIRST.split('.').at(-1)), launched: [] });

async function publishNext(fleet: BundleFleet, run: CaseRun, flaw: Flaw = {}): Promise<string> {
  run.last += 1;
  const version = FIRST.replace(/\d+$/, `${run.last}`);
  await fleet.publish(version, flaw);
  return version;
}

type Status = 'SUCCEEDED' | 'FAILED' | 'ABORTED';
interface Wanted {
  readonly version: string;
  readonly status: Status;
}

/** How the deploy ended, and a problem where that is not as wanted. */
async function judged(fleet: BundleFleet, run: CaseRun, wanted: Wanted, { text }: Ended): Promise<Happened> {
  const [record] = await fleet.store.records.latestDeploys(fleet.kind.name, 1);
  const { to, status, rolledBack = false } = record ?? {};
  if (to === wanted.version && status === 'SUCCEEDED') run.current = to;
  const isWanted = to === wanted.version && status === wanted.status;
  return { rolledBack, problems: isWanted ? [] : [`the deploy of ${wanted.version} ended ${status} (${to}): ${text.slice(-1_000)}`] };
}

const deploy = async (fleet: BundleFleet, run: CaseRun, wanted: Wanted, ...words: string[]): Promise<Happened> =>
  judged(fleet, run, wanted, await fleet.holdfast('deploy', wanted.version, ...words));

const deployNext = (flaw: Flaw, status: Status) => async (fleet: BundleFleet, run: CaseRun) =>
  deploy(fleet, run, { version: await publishNext(fleet, run, flaw), status });

/** Does something as soon as a server's AfterInstall has begun, which lasts a while; then the deploy has to end as wanted. */
async function meanwhile(
  fleet: BundleFleet,
  run: CaseRun,
  work: (server: string) => Promise<unknown>,
  status: Status = 'SUCCEEDED',
): Promise<Happened> {
  const version = await publishNext(fleet, run, { hooks: { AfterInstall: 'sleep 8' } });
  const ended = fleet.holdfast('deploy', version);
  await work(await fleet.untilEvent('AfterInstall', version));
  return judged(fleet, run, { version, status }, await ended);
}

export const CASES: Readonly<Record<BundleCaseName, (fleet: BundleFleet, run: CaseRun) => Promise<Happened>>> = {
  async 'adopted-first-deploy'(fleet, run) {
    const begunMs = Date.now();
    await fleet.publish(FIRST, {}, '--adopt');
    const scripts = fleet.events(begunMs).map(({ event }) => event);
    const { rolledBack, problems } = await deployNext({}, 'SUCCEEDED')(fleet, run);
    return { rolledBack, problems: [...(scripts.length === 0 ? [] : [`the adoption ran ${scripts.join(', ')}`]), ...problems] };
  },
  second: deployNext({}, 'SUCCEEDED'),
  'bad-hook': deployNext({ hooks: { AfterInstall: 'exit 1' } }, 'FAILED'),
  'bad-hook-before-install': deployNext({ hooks: { BeforeInstall: 'exit 1' } }, 'FAILED'),
  async 'failed-stop'(fleet, run) {
    const before = await deployNext({ hooks: { ApplicationStop: 'exit 1' } }, 'SUCCEEDED')(fleet, run);
    const version = await publishNext(fleet, run);
    const refused = await deploy(fleet, run, { version, status: 'FAILED' });
    const ignored = await deploy(fleet, run, { version, status: 'SUCCEEDED' }, '--ignore-application-stop-failures');
    return { rolledBack: refused.rolledBack, problems: [before, refused, ignored].flatMap(({ problems }) => problems) };
  },
  'never-ready': deployNext({ isNeverReady: true }, 'FAILED'),
  abort: (fleet, run) => meanwhile(fleet, run, () => fleet.holdfast('deploys', 'abort'), 'ABORTED'),
  async reboot(fleet, run) {
    const ssm = new SSMClient(client(fleet));
    const reboots = (server: string) =>
      ssm.send(
        new SendCommandCommand({
          InstanceIds: [server],
          DocumentName: 'AWS-RunShellScript',
          Parameters: { commands: ['systemctl reboot'] },
        }),
      );
    return meanwhile(fleet, run, reboots, 'FAILED');
  },
  async redelivered(fleet, run) {
    const version = await publishNext(fleet, run, { hooks: { AfterInstall: 'sleep 2' } });
    const faults = faultControl(fleet.state);
    const fault = await faults.set({
      on: 'call',
      match: { service: 'ssm', action: 'SendCommand', resource: version },
      effect: { kind: 'twice' },
    });
    const happened = await deploy(fleet, run, { version, status: 'SUCCEEDED' });
    const { applied } = await faults.remove(fault);
    const installs = fleet.events(0).filter((each) => each.version === version && each.event === 'AfterInstall').length;
    const servers = (await fleet.servers()).length;
    const problems = [
      ...(applied >= servers ? [] : [`${applied} commands were delivered twice`]),
      ...(installs === servers ? [] : [`${installs} installs on ${servers} servers`]),
    ];
    return { ...happened, problems: [...happened.problems, ...problems] };
  },
  async 'new-server'(fleet, run) {
    const autoScaling = new AutoScalingClient(client(fleet));
    const before = await fleet.servers();
    const more = { AutoScalingGroupName: GROUP, DesiredCapacity: before.length + 1, HonorCooldown: false };
    const happened = await meanwhile(fleet, run, () => autoScaling.send(new SetDesiredCapacityCommand(more)));
    const launched = async () => (await fleet.servers()).find((server) => !before.includes(server));
    run.launched = [await waitUntil('the new server', launched, { timeoutMs: AUTO_SCALING_LIMIT_MS, pollMs: 500 })];
    return happened;
  },
  async termination(fleet, run) {
    // The group has no fewer than it began with.
    if (run.launched.length === 0) await CASES['new-server'](fleet, run);
    const autoScaling = new AutoScalingClient(client(fleet));
    const begunMs = Date.now();
    const [InstanceId = ''] = await fleet.servers();
    await autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: true }));
    const isGone = async () => {
      const { AutoScalingGroups } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] }));
      return AutoScalingGroups?.[0]?.Instances?.every((instance) => instance.InstanceId !== InstanceId);
    };
    await waitUntil('the termination', isGone, { timeoutMs: AUTO_SCALING_LIMIT_MS, pollMs: 500 });
    const { CommandInvocations = [] } = await new SSMClient(client(fleet)).send(new ListCommandInvocationsCommand({ InstanceId }));
    const drains = CommandInvocations.filter(({ DocumentName }) => DocumentName?.endsWith('wait-idle')).map(({ RequestedDateTime }) => ({
      atMs: RequestedDateTime?.getTime() ?? 0,
      event: 'drain',
    }));
    const seen = [...fleet.events(begunMs).filter(({ server }) => server === InstanceId), ...drains.filter(({ atMs }) => atMs >= begunMs)]
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ event }) => event)
      .filter((event, at, all) => event !== all[at - 1]);
    const isOrder = seen.join() === 'BeforeBlockTraffic,drain,AfterBlockTraffic,ApplicationStop';
    return { rolledBack: false, problems: isOrder ? [] : [`the termination's order was ${seen.join(', ')}`] };
  },
};
