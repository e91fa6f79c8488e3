import { isSticky, stickySeconds } from '../../../functions/shared/aws/attributes-reader.ts';
import { durationText } from '../../../functions/shared/times.ts';
import { currentContract } from '../deploys/check-releases.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/**
 * Stickiness compared with where sessions are stored. A release whose contract counts `sessions` keeps them in the server's
 * memory; for the others the configuration's strategy decides. A Tomcat cluster needs stickiness too, because a session is
 * copied to the other servers at the end of a request.
 *
 * @see https://tomcat.apache.org/tomcat-10.1-doc/cluster-howto.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
export const checkStickiness: Check = (facts, { strategy, stickiness, managerUsesStore, sessionDrain, settings }) => {
  const group = known(facts.targetGroup);
  const attributes = known(facts.attributes);
  if (!group || !attributes) return [];
  const [sticky, stickinessType] = [isSticky(attributes), attributes['stickiness.type'] ?? 'lb_cookie'];
  if (strategy === 'tomcat-cluster') {
    const about = topic(
      'stickiness',
      group.arn,
      'a Tomcat cluster copies a session at the end of each request: two at once on two servers would overwrite what the other one has set',
    );
    return sticky
      ? about.ok('stickiness is on, as a Tomcat cluster requires')
      : about.warning('stickiness is off although strategy is "tomcat-cluster"', 'set stickiness.enabled=true of the target group');
  }
  const contract = currentContract(facts);
  const counted = contract?.sessions !== undefined;
  if (counted || (strategy === 'sticky' && !managerUsesStore)) {
    const inMemory = counted ? 'the release keeps sessions in memory' : 'strategy "sticky" keeps sessions in memory';
    const about = topic('stickiness', group.arn, 'only the server that has a session in memory can serve it');
    if (sticky && sessionDrain) {
      const stated = contract?.session?.timeoutSeconds;
      const sessionSeconds = typeof stated === 'number' ? stated : settings.sessionDrainSeconds;
      return [
        about.ok(`${stickinessType} stickiness is on and ${inMemory}: each deploy waits for the sessions of the server that it rolls`),
        ...shorterThanSessions(group.arn, stickySeconds(attributes), sessionSeconds),
      ];
    }
    return sticky
      ? about.warning(
          `${stickinessType} stickiness is on and ${inMemory}: each deploy ends the sessions of the server that it rolls`,
          'move sessions to the store, or set strategy to "sticky" and deploy.sessionDrainSeconds above 0: when a target is deregistered, its users are sent to another one, which does not have their sessions',
        )
      : about.error(
          `stickiness is off and ${inMemory}${counted ? ' ("sessions" in its contract)' : ''}: users are logged out as soon as another server receives their request`,
          'move sessions to the store (and remove "sessions" from holdfast.app.json), or enable stickiness until then',
        );
  }
  if (stickiness) {
    const about = topic('stickiness', group.arn, 'pages that keep state in the session are for one server at a time');
    return sticky
      ? about.ok(`${stickinessType} stickiness is on, as the configuration has it, and the store has each session after its request`)
      : about.warning(
          'stickiness is off although the configuration has "stickiness": true',
          'set stickiness.enabled=true of the target group',
        );
  }
  const about = topic(
    'stickiness',
    group.arn,
    'with sessions in the store any server can respond; stickiness only hides a server that cannot read the store, and keeps users on the first servers',
  );
  if (!sticky) return about.ok('stickiness is off, as sessions in the store require');
  return about.warning(
    `${stickinessType} stickiness is on although sessions are in the store: a failure of the store shows only when a deploy moves users`,
    strategy === 'sticky'
      ? 'set strategy to "redis" in the configuration and run npx --no cdk deploy --all, which turns stickiness off'
      : 'set stickiness.enabled=false of the target group',
  );
};

/**
 * Stickiness that ends before a session does. This is not about deploys: at any time, such a user is sent to a server without the session.
 */
function shorterThanSessions(arn: string, stickinessSeconds: number | undefined, sessionSeconds: number): readonly Finding[] {
  if (stickinessSeconds === undefined || stickinessSeconds >= sessionSeconds) return [];
  return [
    topic(
      'stickiness-duration',
      arn,
      'a user who comes back later than that meets any server, which does not have the session, and is logged out',
    ).warning(
      `stickiness ends ${durationText(stickinessSeconds * 1000)} after a user's last request, and a session up to ${durationText(sessionSeconds * 1000)} after it`,
      'set the duration of stickiness of the target group to a day (86,400 s), as that of a created one',
    ),
  ];
}
