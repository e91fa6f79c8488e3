/** The session gate of a deploy: the first server is tried through the load balancer before any user can meet its release. */

import type { CanaryLease } from '../../canary/contract/canary-records.ts';
import { NoAnswer, RecipeFailed, RunStopped } from '../../canary/contract/errors.ts';
import type { Recipe } from '../../canary/contract/recipe.ts';
import { type Clock, createPace } from '../../canary/http/pace.ts';
import type { Send } from '../../canary/http/send.ts';
import { Site } from '../../canary/site/site.ts';
import { Visitor } from '../../canary/site/visitor.ts';
import { runGate, shownRelease } from '../../gate/compare-releases.ts';
import { DEPLOY_GATE_SECONDS, GATE_HOOK_SECONDS, type GateResult } from '../../gate/contract.ts';
import { holdLease } from '../../records/lease.ts';
import { LeaseLost, type Records } from '../../records/records.ts';
import type { DeployRecord } from '../../records/types.ts';
import { classifyAwsError } from '../../shared/aws/classify-aws-error.ts';
import { GATE_HEADER } from '../../shared/aws/drain-rule-contract.ts';
import { closeGate, type GateFront } from '../../shared/aws/gate-front.ts';
import { healthOf, type TargetGroup } from '../../shared/aws/target-group.ts';
import { describeError, HoldfastError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { addWarnings } from '../add-warnings.ts';
import type { RollReply, SessionGateRequest } from '../contract/roll.ts';
import { SessionsIncompatible } from '../errors.ts';
import { byIntent } from '../people/describe-people.ts';
import { endsSessions } from '../sessions/judge-sessions.ts';
import { registrationsOf } from '../traffic/still-enough.ts';
import { gateWarning, judgeGate, sessionsText } from './decide-gate.ts';

/** The site's address, and how the gate's own users log in there. */
interface GateSite {
  readonly url: string;
  readonly recipe: Recipe;
  readonly passwords: ReadonlyMap<string, string>;
}

export interface SessionGatePorts {
  readonly records: Records;
  readonly targetGroup: Pick<TargetGroup, 'describeHealth'>;
  readonly front: GateFront;
  /** Servers that are rolled at once share the rule and the users. */
  readonly gateLease: CanaryLease;
  readonly site: () => Promise<GateSite>;
  readonly send: Send;
  readonly clock: Clock;
  /** What nobody can guess. */
  readonly random: () => string;
  readonly log: Log;
}

/** From the beginning on, with some seconds for what comes after it. */
const LONGEST_MS = (DEPLOY_GATE_SECONDS - 5) * 1000;
/** Users saw changed rules take 25 s; later than this too little time is left for the gate. */
const READY_MS = 35_000;
/** Each over a connection of its own: every node of the load balancer follows the changed rule when it does. */
const SHOWN_IN_A_ROW = 4;
const PAUSE_MS = 1_000;
/** Another server's gate is waited for. */
const WAIT_MS = 10_000;

/** Something got in the way of the gate, before it began. */
class GateNotOpened extends HoldfastError {
  override readonly name = 'GateNotOpened';
}

/**
 * One gate for each deploy: what it has found is on record, for servers that are rolled at the same time and for a step that comes twice.
 * @throws SessionsIncompatible before any user meets the release. Whatever else goes wrong leaves the sessions not checked
 */
export function createSessionGate(ports: SessionGatePorts): (request: SessionGateRequest) => Promise<RollReply> {
  const { records, gateLease, clock } = ports;
  return async (request) => {
    const { deploy } = request;
    const { sessionGate: _, ...roll } = request.roll;
    await holdLease(records, deploy, request.lease, clock.now());
    const known = () => records.getDeploy(deploy.fleet, deploy.deployId).then((record) => record?.sessionGate);
    let found = await known();
    if (!found) {
      const owner = ports.random();
      if (!(await gateLease.take(owner, clock.now(), clock.now() + GATE_HOOK_SECONDS * 1000))) {
        await clock.sleep(WAIT_MS);
        return { verdict: 'WAIT', roll: request.roll };
      }
      try {
        found = (await known()) ?? (await tryRelease(ports, request));
      } finally {
        await gateLease.release(owner).catch(() => {});
      }
    }
    const goesOn = deploy.expect === 'turned-away' || endsSessions(deploy);
    if (found.verdict === 'incompatible' && !goesOn) throw new SessionsIncompatible(`${found.detail}${byIntent('turned-away')}`);
    if (found.verdict !== 'compatible') await addWarnings(records, deploy, [gateWarning(deploy, found)]);
    return { verdict: 'DONE', roll };
  };
}

async function tryRelease(ports: SessionGatePorts, request: SessionGateRequest): Promise<Required<DeployRecord>['sessionGate']> {
  const { records, log, random } = ports;
  const { fleet, deployId } = request.deploy;
  const value = random();
  const result = await gateOn(ports, request, value).catch((error: unknown): GateResult => {
    // The state machine repeats the step: once users have logged in, nothing of AWS is asked.
    if (error instanceof LeaseLost || classifyAwsError(error) === 'transient') throw error;
    const none = { findings: [], notes: [], sent: { requests: 0, logins: 0 } };
    return { verdict: 'not checked', reason: describeError(error), ...none };
  });
  const found = judgeGate(result, value);
  await records.updateDeploy(fleet, deployId, { sessionGate: found, sessions: sessionsText(found) });
  log.info(LOG_EVENTS.gateEnded, {
    deployId,
    instanceId: request.roll.instanceId,
    ...result.sent,
    verdict: found.verdict,
    why: found.detail,
  });
  return found;
}

async function gateOn(ports: SessionGatePorts, { deploy, lease, roll }: SessionGateRequest, value: string): Promise<GateResult> {
  const { front, records, clock, log, send } = ports;
  const { instanceId } = roll;
  const beganMs = clock.now();
  const [registrations, health, site] = await Promise.all([
    registrationsOf(ports, deploy, instanceId),
    ports.targetGroup.describeHealth(),
    ports.site(),
  ]);
  if (!health.some((one) => one.instanceId !== instanceId && one.state === 'healthy'))
    throw new GateNotOpened('no other server is healthy with the previous release');
  try {
    await holdLease(records, deploy, lease, clock.now());
    // A server that another deploy has left there would answer in the place of this one.
    await closeGate(front);
    await front.rule.open(value);
    const joined = await front.group.register(instanceId, registrations);
    if (!joined.registered) throw new GateNotOpened(joined.why);
    const headers = { [GATE_HEADER]: value };
    await awaitRelease(ports, { ...site, instanceId, headers, untilMs: beganMs + READY_MS });
    const { url, recipe, passwords } = site;
    const addresses = { old: url, new: url, newHeaders: headers };
    return await runGate({ recipe, addresses, passwords, send, clock, jarOf: async () => [], untilMs: beganMs + LONGEST_MS });
  } finally {
    // What is left is found by the clean-up, the reconciler and the next gate.
    await closeGate(front).catch((error: unknown) =>
      log.warn(LOG_EVENTS.gateLeft, { deployId: deploy.deployId, error: describeError(error) }),
    );
  }
}

/** Until the server is healthy in the gate's group, and each node of the load balancer leads the gate's requests to it. @throws GateNotOpened */
async function awaitRelease(
  { front, clock, send }: SessionGatePorts,
  {
    url,
    recipe,
    passwords,
    instanceId,
    headers,
    untilMs,
  }: GateSite & { readonly instanceId: string; readonly headers: Recipe['headers']; readonly untilMs: number },
): Promise<void> {
  const pace = createPace(send, clock, { ...recipe.policy, untilMs });
  const shownWith = (more: Recipe['headers']) => {
    const own = { ...recipe, headers: { ...recipe.headers, ...more, connection: 'close' } };
    const site = new Site(new URL(url), own, { pace, clock, passwords, jarOf: async () => [] });
    site.isPastCaches = true;
    return shownRelease(new Visitor(site, site.userOf('a')), { mayFail: true });
  };
  const old = await shownWith({});
  let seen = '';
  for (let inARow = 0; inARow < SHOWN_IN_A_ROW; ) {
    if (clock.now() >= untilMs) throw new GateNotOpened(`after ${READY_MS / 1000} s ${seen}`);
    const { state, detail } = healthOf(instanceId, await front.group.describeHealth());
    const shown = state === 'healthy' ? await shownWith(headers).catch(nothing) : undefined;
    inARow = shown !== undefined && shown !== old ? inARow + 1 : 0;
    if (state !== 'healthy')
      seen = `the new server is ${state} in the session gate's target group${detail === undefined ? '' : ` (${detail})`}`;
    else seen = `the load balancer shows ${shown === undefined ? 'no' : 'the same'} "release" of the recipe at the new server`;
    if (inARow === 0) await clock.sleep(PAUSE_MS);
  }
}

/** Until the rule leads to the server, its group answers 503. */
const nothing = (error: unknown): undefined => {
  if (![RecipeFailed, NoAnswer, RunStopped].some((one) => error instanceof one)) throw error;
};
