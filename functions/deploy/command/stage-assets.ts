import type { StageAssetsOutput } from '../../instance/document-contract.ts';
import { CommandFailed } from '../../instance/errors.ts';
import { type InstanceCommands, SLICE_LIMIT_SECONDS } from '../../instance/instance-commands.ts';
import { holdLease } from '../../records/lease.ts';
import { restartText } from '../../records/outcome-text.ts';
import { LeaseLost, type Records } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import { wantedAssets } from '../../records/wanted-assets.ts';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import { settleAll } from '../../shared/end-at.ts';
import { NO_RELEASE, NO_RELEASE_SHA256 } from '../../shared/version.ts';
import { addWarnings } from '../add-warnings.ts';
import type { DeployContext } from '../contract/common.ts';
import type { StageAssetsRequest, Staging, StagingServer } from '../contract/roll.ts';

interface Ports {
  readonly records: Records;
  readonly commands: Pick<InstanceCommands, 'sendStageAssets' | 'readStageAssets'>;
  readonly now: () => number;
}

/** What a server's command answered; a reason in words where it did not. */
type Answer = StageAssetsOutput | string;

/**
 * Stages assets on every server of the deploy, the new release's first, before any server is taken out: pages of one release are then
 * answered by servers with another. After a deploy that did not succeed, `ends`, it takes away those of a release that no server has.
 * @throws CommandFailed naming the servers where they could not be staged; with `recover`, and at the end, that is no reason to stop
 */
export async function stageAssets(ports: Ports, { deploy, lease, ends, staging }: StageAssetsRequest): Promise<Staging> {
  const { records, commands, now } = ports;
  const { fleet, deployId, version, documents } = deploy;
  await holdLease(records, deploy, lease, now());
  const record = await records.getDeploy(fleet, deployId);
  if (restartText(deploy) !== undefined || (ends && !record?.stages)) return waitFor([]);
  // A rollback can have left servers with the release: their pages go on asking for its files.
  const given = ends ? (await records.getInstances(fleet)).map((instance) => instance.version) : [version];
  const wanted = await wantedAssets(records, fleet, given);
  const orders = ends ? [{ version: NO_RELEASE, sha256: NO_RELEASE_SHA256 }] : wanted;
  const send = async (instanceId: string, index: number): Promise<readonly Sent[]> => {
    const order = orders[index];
    if (order === undefined) return [];
    const release = { fleet, ...order, wanted: wanted.map((one) => one.version) };
    try {
      const commandId = await commands.sendStageAssets(instanceId, release, lease.fencingToken, documents);
      return [[instanceId, { index, commandId, sentAtMs: now() }]];
    } catch (error) {
      // The instance is gone; or nobody but the files themselves waits for their end.
      if (ends || isAwsError(error, 'InvalidInstanceId')) return [];
      throw error;
    }
  };
  if (staging.servers === undefined) {
    if (orders.length === 0) return waitFor([]);
    // On record first, for the clean-up of a deploy that ends meanwhile.
    if (!ends) await records.updateDeploy(fleet, deployId, { stages: true });
    const rolled = Object.entries(record?.targets ?? {}).filter(([, { phase }]) => ends || phase !== 'skipped');
    return waitFor(await settleAll(rolled.map(([instanceId]) => send(instanceId, 0))));
  }
  const waiting = Object.entries(staging.servers);
  const read = await settleAll(
    waiting.map(async ([id, server]) => [id, server, await readAnswer(ports, id, server, waiting.length)] as const),
  );
  judge(deploy, ends, read);
  const unserved = read.flatMap(([, , answer]) => (typeof answer === 'object' && 'served' in answer && !answer.served ? [answer] : []));
  await addWarnings(
    records,
    deploy,
    unserved.slice(0, 1).map((answer) => unservedWarning(version, answer)),
  );
  return waitFor(
    await settleAll(
      read.map(async ([instanceId, server, answer]) => {
        if (answer === undefined) return [[instanceId, server] as const];
        const has = typeof answer === 'object' && answer.result === 'staged' ? answer.staged : undefined;
        // Where the disk's part has no room for it, there is none for a release before it.
        if (has && !has.includes(orders[server.index]?.version ?? '')) return [];
        const next = orders.findIndex((order, index) => index > server.index && !has?.includes(order.version));
        return send(instanceId, next);
      }),
    ),
  );
}

type Sent = readonly [instanceId: string, StagingServer];

function waitFor(servers: readonly (readonly Sent[])[]): Staging {
  const left = servers.flat();
  return { verdict: left.length === 0 ? 'DONE' : 'WAIT', servers: Object.fromEntries(left) };
}

async function readAnswer({ commands }: Ports, instanceId: string, server: StagingServer, atOnce: number): Promise<Answer | undefined> {
  const { commandId, sentAtMs } = server;
  try {
    return await commands.readStageAssets({ commandId, instanceId, sentAtMs, overdueAtMs: sentAtMs + SLICE_LIMIT_SECONDS * 1000, atOnce });
  } catch (error) {
    if (error instanceof CommandFailed) return error.message;
    throw error;
  }
}

type Read = readonly [instanceId: string, StagingServer, Answer | undefined];

/** @throws LeaseLost, CommandFailed */
function judge({ recover, version }: DeployContext, ends: boolean, read: readonly Read[]): void {
  const problems = read.flatMap(([instanceId, , answer]) => {
    if (typeof answer === 'string') return [answer];
    if (answer === undefined || answer.result === 'staged') return [];
    if (answer.error === 'StaleFencingToken') throw new LeaseLost(`stage-assets on ${instanceId}: ${answer.message}`);
    return [`${instanceId}: ${answer.error}: ${answer.message}`];
  });
  if (problems.length === 0 || recover || ends) return;
  throw new CommandFailed(
    `the assets of ${version} and the releases before it are not on all servers: ${problems.join('; ')}. No server was taken out. Repair that and deploy again, or deploy with --recover, which goes on without`,
  );
}

const UNSERVED = 'Servers do not answer with files that are added while they run';
const unservedWarning = (version: string, { path = '', answer = '' }: { readonly path?: string; readonly answer?: string }): string =>
  `${UNSERVED}: ${path} of ${version} is next to the running release's files, and the answer is ${answer}. Until all servers have ${version}, its pages can lack files: serve "assets" from a CDN, or put the previous build's files into the build`;

/** What the latest deploy that asked servers for assets has found; undefined: they answered, or none has asked. @param latest the last one first */
export const foundUnserved = (latest: readonly Pick<DeployRecord, 'stages' | 'warnings'>[]): string | undefined =>
  latest.find(({ stages }) => stages)?.warnings?.find((warning) => warning.startsWith(UNSERVED));
