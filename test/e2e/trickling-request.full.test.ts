/** Requests that never end, one per server: they hold each drain, and a deploy goes past them on an operator's word or by the fleet's setting. */
import { readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { onlyLine, spawnCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { cdkFor, keptConfig } from './cdk.ts';
import { currentVersion, groupInstances, kept, recordOf, runOn, startDeploy, untilEnded, untilHealthy } from './fleet.ts';
import { makePerson, type Person, removePerson } from './people.ts';
import { underTraffic } from './under-traffic.ts';

const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;
const EVERY_MS = 2_000;
const LOGIN = { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 4_000 }, agent: false } as const;

let olga: Person;
let instanceId: string;
const trickling: { readonly request: ClientRequest; readonly timer: NodeJS.Timeout; cut: boolean }[] = [];

/** A body that comes a byte at a time. */
function trickle(request: ClientRequest): void {
  const timer = setInterval(() => request.write(' '), EVERY_MS);
  const one = { request, timer, cut: false };
  const over = () => {
    one.cut = true;
    clearInterval(timer);
  };
  request.on('error', over).on('close', over).write('{');
  trickling.push(one);
}

/** Two for each server: the load balancer sends them in turn, and users' requests come in between. */
const tricklePerServer = (): void => {
  for (let count = 0; count < 6; count += 1)
    trickle(httpsRequest(new URL('/login', kept.loadBalancerUrl), { ...LOGIN, ca: readFileSync(kept.caFile, 'utf8') }));
};

const restart = async () => startDeploy({ version: await currentVersion(), restart: instanceId });
const targetOf = async (arn: string) => (await recordOf(arn))?.targets[instanceId];
const untilDraining = (arn: string) =>
  until(async () => {
    const target = await targetOf(arn);
    return target?.phase === 'draining' && (target.inFlight ?? 0) > 0 ? target : undefined;
  }, 'the drain sees what trickles');

beforeAll(async () => {
  olga = await makePerson('olga-drain', 'OperatorPolicyArn');
  await untilHealthy(3);
  instanceId = (await groupInstances())[0]?.id as string;
}, 120_000);
afterEach(async () => {
  for (const { request, timer } of trickling.splice(0)) {
    clearInterval(timer);
    request.destroy();
  }
  await untilHealthy(3);
});
// The scenarios that follow are of the fleet as it is.
afterAll(async () => {
  await removePerson(olga);
  await cdkFor('unchanged', keptConfig()).deploy(['holdfast-web-deploy']);
}, 300_000);

it('stop a restart, whose message names both ways out, unless an operator ends the drain', { timeout: 300_000 }, async () => {
  tricklePerServer();
  const stopped = await untilEnded(await restart());
  expect(stopped).toMatchObject({ status: 'FAILED', error: 'DrainTimedOut' });
  expect(stopped.message).toMatch(/onDrainTimeout "cut".*deploys end-drain ID /s);
  expect(trickling.filter(({ cut }) => cut)).toEqual([]);
  await untilHealthy(3);

  const arn = await restart();
  const { inFlight } = await untilDraining(arn);
  const { deployId } = (await recordOf(arn)) ?? {};
  const end = (...more: string[]) => spawnCli(STATE_FOLDER, ['deploys', 'end-drain', String(deployId), ...more], olga.env);
  expect(await end()).toMatchObject({ code: 2, stderr: expect.stringContaining(`${instanceId}, which has ${inFlight} request`) });
  const { code, stdout, stderr } = await end('--yes', '--json');
  expect([code, stderr]).toEqual([0, '']);
  expect(onlyLine(stdout)).toMatchObject({
    deploy: { instanceId, requestsLeft: inFlight, requestedBy: expect.stringMatching(/olga-drain$/) },
  });
  expect(await untilEnded(arn)).toMatchObject({ status: 'SUCCEEDED' });
  expect(await targetOf(arn)).toMatchObject({ phase: 'done', requestsCut: inFlight });
  expect((await recordOf(arn))?.warnings).toEqual([expect.stringMatching(/ cut \d requests?: .*olga-drain ended it\.$/)]);
});

it('are cut, and no other request is, where the fleet’s setting lets drains cut', { timeout: 400_000 }, async () => {
  const config = keptConfig();
  const web = config.fleets['web'] as (typeof config.fleets)[string];
  const changed = { ...config, fleets: { ...config.fleets, web: { ...web, deploy: { ...web.deploy, onDrainTimeout: 'cut' as const } } } };
  await cdkFor('drains-cut', changed).deploy(['holdfast-web-deploy']);

  tricklePerServer();
  const { result: arn, report } = await underTraffic({ users: 20 }, async () => {
    const started = await restart();
    expect(await untilEnded(started), JSON.stringify(await recordOf(started))).toMatchObject({ status: 'SUCCEEDED' });
    return started;
  });
  expect(report).toMatchObject({ failed: 0, sessionsLost: 0 });
  const { requestsCut = 0 } = (await targetOf(arn)) ?? {};
  expect(requestsCut).toBeGreaterThan(0);
  expect(trickling.filter(({ cut }) => cut)).toHaveLength(requestsCut);
  expect((await recordOf(arn))?.warnings).toEqual([
    `The drain of ${instanceId} cut ${requestsCut} request${requestsCut === 1 ? '' : 's'}, older than itself, when its time was up (deploy.onDrainTimeout).`,
  ]);

  // One that began during the drain: past the load balancer, since it sends no more.
  const [port = ''] = await runOn([instanceId], 'echo "$HOLDFAST_LOCAL_PORT"');
  const second = await restart();
  await until(async () => (await targetOf(second))?.phase === 'draining', 'the drain');
  trickle(httpRequest(`http://127.0.0.1:${port.trim()}/login`, LOGIN));
  const ended = await untilEnded(second);
  expect(ended).toMatchObject({ status: 'FAILED', error: 'DrainTimedOut' });
  expect(trickling.at(-1)?.cut).toBe(false);
  expect(await targetOf(second)).not.toHaveProperty('requestsCut');
});
