/** The target group of a fleet: what it leads to, and what its attributes and health checks mean for sessions and deploys. */
import { DELAY, setAttribute } from '../deploy/assess/front-checks.ts';
import { latestDrainTimeoutSeconds } from '../instance/drain-times.ts';
import { isReadyPath, toReadyPage } from '../shared/app-contract.ts';
import { isSticky, stickySeconds } from '../shared/aws/attributes-reader.ts';
import { type Check, checksOf, error, type Judged, notice, ok, unknown, warning } from '../shared/check.ts';
import { counted, durationText } from '../shared/texts.ts';
import type { Facts } from './facts.ts';

const check = checksOf<Facts>('doctor');
/** Spring Boot's health endpoint checks every indicator, Redis among them. */
const CHECKS_EVERYTHING = /^\/actuator\/health\/?$/;

export const TARGET_GROUP: readonly Check<Facts>[] = [
  check('target-type', ['targetGroup', 'subject'], {
    what: "the target type, against the fleet's members",
    why: 'a deploy deregisters servers by the id of their target type',
    judge({ subject: { members }, targetGroup: { name, targetType } }) {
      const wanted = members === 'ip' ? 'ip' : 'instance';
      if (targetType === wanted) return ok(`target group ${name} has target type ${wanted}`);
      return error(
        `target group ${name} has target type ${targetType}, but the fleet's members are ${members}`,
        `the type of a target group cannot change: create one of type ${wanted}, or change "members"`,
      );
    },
  }),
  check('target-port', ['targetGroup', 'subject'], {
    what: 'the port of the target group',
    why: 'requests and health checks go to this port',
    fix: 'set "port" of the fleet to the port that the servers listen on',
    judge({ subject, targetGroup: { name, port } }) {
      // Addresses are registered with ports of their own.
      if (subject.members === 'ip') return undefined;
      if (port === subject.port) return ok(`the target group uses the configured port ${port}`);
      return warning(`target group ${name} sends to port ${port}, but the port in the configuration is ${subject.port}`);
    },
  }),
  check('healthy-targets', ['targetGroup', 'reached', 'targets'], {
    what: 'whether all targets are healthy',
    why: 'the load balancer sends requests only to healthy targets, and a deploy needs enough of them',
    judge({ reached, targets: all }) {
      const targets = all.filter(({ instanceId }) =>
        reached.every((one) => one.instanceId !== instanceId || one.unreachable === undefined),
      );
      if (targets.length === 0 && all.length > 0) return undefined;
      if (targets.length === 0)
        return notice(
          'no target is registered yet',
          'wait for the servers to launch; if none does, read the scaling activities of the group',
        );
      const bad = targets.filter(({ state }) => state !== 'healthy');
      const list = bad.map(({ instanceId, state, detail }) => `${instanceId} ${state}${detail ? ` (${detail})` : ''}`).join(', ');
      if (bad.length === targets.length)
        return error(`none of ${targets.length} targets is healthy: ${list}`, 'fix the first one, then deploy with --recover');
      if (bad.length > 0)
        return warning(`${bad.length} of ${targets.length} targets are not healthy: ${list}`, 'fix them before the next deploy');
      return ok(targets.length === 1 ? 'the only target is healthy' : `all ${targets.length} targets are healthy`);
    },
  }),
  check('group-size', ['targetGroup', 'subject'], {
    what: 'whether a fleet of listed members leaves enough of them in service',
    why: 'a deploy takes one server out of service at a time, and does not start if too few would remain',
    judge({ subject: { group, nodeIds, settings } }) {
      // The size of an Auto Scaling group has a check of its own.
      if (group) return undefined;
      const needed = settings.minimumHealthyTargets + 1;
      const what = `the fleet has ${counted(nodeIds.length, 'member')}, and a deploy needs ${needed}`;
      return nodeIds.length >= needed ? ok(what) : error(what, 'add members, or lower deploy.minimumHealthyTargets');
    },
  }),
  check('deregistration-delay', ['targetGroupArn', 'attributes', 'settings', 'awsOptions', 'longestResponseSeconds?'], {
    what: 'the deregistration delay, against the configuration and the longest response of a day',
    why: 'a request that is still running when the delay ends fails with a 502; a deploy plans its drain with the configured delay',
    judge(facts) {
      const { attributes, settings, longestResponseSeconds: longest } = facts;
      const { drainTimeoutSeconds: timeout, deregistrationDelaySeconds: planned, drainSignal } = settings;
      const delay = Number(attributes[DELAY] ?? planned);
      const found: Judged[] = [];
      // What ends before a drain does is what a deploy itself warns of.
      const endsBeforeDrain = drainSignal !== 'blind' && timeout > latestDrainTimeoutSeconds(delay);
      if (delay === planned) found.push(ok(`the deregistration delay is ${delay} s, as configured`));
      else if (!endsBeforeDrain) {
        const what = `the deregistration delay is ${delay} s, but ${planned} s in the configuration`;
        const run = `run ${setAttribute(facts, DELAY, String(planned))}`;
        found.push(delay === 0 ? error(what, run) : warning(what, `set deploy.deregistrationDelaySeconds to ${delay}, or ${run}`));
      }
      // The metric ends when the response starts, so the request took at least that long.
      if (longest !== undefined && longest > Math.min(delay, timeout))
        found.push(
          warning(
            `a response took ${longest.toFixed(1)} s in the last day: such a request stops a deploy after ${timeout} s, and the load balancer cuts it after ${delay} s`,
            `set deploy.deregistrationDelaySeconds to ${Math.ceil(longest) + 20} or more, and do not set drainTimeoutSeconds`,
          ),
        );
      return found;
    },
  }),
  /**
   * A release whose contract counts `sessions` keeps them in the server's memory; for the others the configuration's strategy decides.
   * @see https://tomcat.apache.org/tomcat-10.1-doc/cluster-howto.html
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
   */
  check('stickiness', ['targetGroup', 'subject', 'attributes', 'contract?'], {
    what: 'stickiness, against where sessions are stored',
    why: 'with sessions in the store any server can respond; stickiness only hides a server that cannot read the store, and keeps users on the first servers',
    judge({ subject: { strategy, stickiness, managerUsesStore, sessionDrain }, attributes, contract }) {
      const [sticky, type] = [isSticky(attributes), attributes['stickiness.type'] ?? 'lb_cookie'];
      const turnOn = 'set stickiness.enabled=true of the target group';
      if (strategy === 'tomcat-cluster') {
        const why =
          'a Tomcat cluster copies a session at the end of each request: two at once on two servers would overwrite what the other one has set';
        return sticky
          ? ok('stickiness is on, as a Tomcat cluster requires', '', { why })
          : warning('stickiness is off although strategy is "tomcat-cluster"', turnOn, { why });
      }
      const isCounted = contract?.sessions !== undefined;
      if (isCounted || (strategy === 'sticky' && !managerUsesStore)) {
        const inMemory = isCounted ? 'the release keeps sessions in memory' : 'strategy "sticky" keeps sessions in memory';
        const why = 'only the server that has a session in memory can serve it';
        if (!sticky)
          return error(
            `stickiness is off and ${inMemory}${isCounted ? ' ("sessions" in its contract)' : ''}: users are logged out as soon as another server receives their request`,
            'move sessions to the store (and remove "sessions" from holdfast.app.json), or enable stickiness until then',
            { why },
          );
        const is = `${type} stickiness is on and ${inMemory}: each deploy`;
        if (sessionDrain) return ok(`${is} waits for the sessions of the server that it rolls`, '', { why });
        return warning(
          `${is} ends the sessions of the server that it rolls`,
          'move sessions to the store, or set strategy to "sticky" and deploy.sessionDrainSeconds above 0: when a target is deregistered, its users are sent to another one, which does not have their sessions',
          { why },
        );
      }
      if (stickiness) {
        const why = 'pages that keep state in the session are for one server at a time';
        return sticky
          ? ok(`${type} stickiness is on, as the configuration has it, and the store has each session after its request`, '', { why })
          : warning('stickiness is off although the configuration has "stickiness": true', turnOn, { why });
      }
      if (!sticky) return ok('stickiness is off, as sessions in the store require');
      return warning(
        `${type} stickiness is on although sessions are in the store: a failure of the store shows only when a deploy moves users`,
        strategy === 'sticky'
          ? 'set strategy to "redis" in the configuration and run npx --no cdk deploy --all, which turns stickiness off'
          : 'set stickiness.enabled=false of the target group',
      );
    },
  }),
  // This is not about deploys: at any time, such a user is sent to a server without the session.
  check('stickiness-duration', ['targetGroup', 'subject', 'attributes', 'contract?'], {
    what: 'stickiness that ends before a session in memory does',
    why: 'a user who comes back later than that meets any server, which does not have the session, and is logged out',
    fix: 'set the duration of stickiness of the target group to a day (86,400 s), as that of a created one',
    judge({ subject: { strategy, managerUsesStore, sessionDrain, settings }, attributes, contract }) {
      const inMemory = strategy !== 'tomcat-cluster' && (contract?.sessions !== undefined || (strategy === 'sticky' && !managerUsesStore));
      const [sticks, stated] = [stickySeconds(attributes), contract?.session?.timeoutSeconds];
      const lasts = typeof stated === 'number' ? stated : settings.sessionDrainSeconds;
      if (!inMemory || !sessionDrain || sticks === undefined || sticks >= lasts) return undefined;
      return warning(
        `stickiness ends ${durationText(sticks * 1000)} after a user's last request, and a session up to ${durationText(lasts * 1000)} after it`,
      );
    },
  }),
  check('health-path', ['subject', 'targetGroup?', 'contract?', 'releases?'], {
    what: "whether the load balancer's health path depends on the session store, and is the contract's",
    why: 'if the load balancer’s health path depends on the store, an outage of the store makes every target unhealthy, and Auto Scaling replaces the fleet',
    resource: ({ subject, targetGroup }) => targetGroup?.arn ?? subject.targetGroup.id,
    judge({ subject, targetGroup: group, contract, releases }) {
      const path = group?.healthPath ?? subject.healthPath;
      if (path === undefined) return undefined;
      const found: Judged[] = [];
      if (group && subject.healthPath !== undefined && group.healthPath !== subject.healthPath)
        found.push(
          warning(
            `the load balancer's health path is ${group.healthPath}, but ${subject.healthPath} in the configuration`,
            `set the target group's path to ${subject.healthPath} ("npx --no cdk deploy" does this for a target group created by Holdfast), or correct healthPath`,
          ),
        );
      if (contract) {
        const { health } = contract;
        const { status = '200', loadBalancer: stated } = health;
        if (isReadyPath(health, path))
          found.push(
            error(
              `the load balancer's health path ${path} is the release's readiness path, which depends on the store`,
              isReadyPath(health, stated)
                ? 'add a path to the server that does not depend on the store, and set it as health.loadBalancer in holdfast.app.json and as healthPath'
                : `set healthPath (of an existing target group, its own path) to ${stated}, as the release's contract declares`,
            ),
          );
        else if (path !== stated)
          found.push(
            warning(
              `the load balancer's health path is ${path}, but ${stated} in the release's contract`,
              `set healthPath to ${stated}, or correct health.loadBalancer in holdfast.app.json`,
            ),
          );
        else found.push(ok(`the load balancer's health path is ${path}, not the readiness path ${toReadyPage(health).path}`));
        // The deploy waits for the contract's codes on the server, and for the target group's at the load balancer.
        if (group && group.healthStatus !== status)
          found.push(
            warning(
              `the load balancer takes status ${group.healthStatus} for healthy, but ${status} in the release's contract`,
              `set healthStatus (of an existing target group, its own success codes) to ${status}, or correct health.status in holdfast.app.json`,
            ),
          );
      } else if (CHECKS_EVERYTHING.test(path))
        found.push(
          error(
            `the load balancer's health path is ${path}, where Spring Boot checks the store as well`,
            'set healthPath to /actuator/health/liveness',
          ),
        );
      else if (releases?.length === 0)
        found.push(
          notice(
            `it is unknown whether ${path} depends on the store: no release is published`,
            'publish a release: its holdfast.app.json declares both health paths',
          ),
        );
      return found;
    },
  }),
  /**
   * The first cannot be read from outside a server; a release's contract can declare it.
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
   */
  check('keep-alive', ['loadBalancer', 'idleTimeoutSeconds', 'contract?', 'releases?'], {
    what: "the servers' keep-alive timeout, against the load balancer's idle timeout",
    why: 'if a server closes an idle connection before the load balancer does, a request already on its way fails with a 502, even without a deploy',
    judge({ idleTimeoutSeconds: idle, contract, releases }) {
      const front = `the load balancer keeps idle connections for ${idle} s`;
      if (!contract) return releases?.length === 0 ? notice(`${front}; no release is published yet to compare with`) : undefined;
      const { keepAliveSeconds } = contract;
      if (keepAliveSeconds === undefined)
        return unknown(
          `${front}; the keep-alive timeout of the servers is not declared`,
          `set it above ${idle} s in the server (Node: server.keepAliveTimeout, 5 s by default; Tomcat: keepAliveTimeout of the Connector, 20 s in its server.xml), and declare it as keepAliveSeconds in holdfast.app.json`,
        );
      if (keepAliveSeconds > idle)
        return ok(`the servers keep idle connections for ${keepAliveSeconds} s, and the load balancer for ${idle} s`);
      return error(
        `the servers close idle connections after ${keepAliveSeconds} s, and the load balancer keeps them for ${idle} s`,
        `set the servers' keep-alive timeout above ${idle} s, or the load balancer's idle_timeout.timeout_seconds below ${keepAliveSeconds}`,
      );
    },
  }),
];
