import { topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';
import { currentContract } from './current-contract.ts';

/**
 * Stickiness against where the sessions are. A release whose contract counts `sessions` keeps them in the server's
 * memory; of all others the configuration's strategy says it. A Tomcat cluster is sticky too, since a session reaches the
 * other servers only some time after the answer.
 *
 * @see https://tomcat.apache.org/tomcat-10.1-doc/cluster-howto.html
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
export const checkStickiness: Check = (facts, { strategy }) => {
  const group = seen(facts.targetGroup);
  const attributes = seen(facts.attributes);
  if (!group || !attributes) return [];
  const { sticky, stickinessType } = attributes;
  if (strategy === 'tomcat-cluster') {
    const about = topic('stickiness', group.arn, 'a session reaches the other servers of the cluster only some time after the answer');
    return sticky
      ? [about.ok('stickiness is on, as a Tomcat cluster wants it')]
      : [
          about.warning(
            'stickiness is off although strategy is "tomcat-cluster"',
            'switch it on: attribute stickiness.enabled=true of the target group',
          ),
        ];
  }
  const counted = currentContract(facts)?.sessions !== undefined;
  if (counted || strategy === 'sticky') {
    const inMemory = counted ? 'the release keeps sessions in memory' : 'strategy "sticky" keeps sessions in memory';
    const about = topic('stickiness', group.arn, 'sessions in a server’s memory are known to that server alone');
    return sticky
      ? [
          about.warning(
            `${stickinessType} stickiness is on and ${inMemory}: each deploy ends those of the server that it rolls`,
            'move sessions to the store; a sticky cookie that names a deregistered target is answered by another one, which does not know the session',
          ),
        ]
      : [
          about.error(
            `stickiness is off and ${inMemory}${counted ? ' ("sessions" in its contract)' : ''}: users are logged out as soon as another server answers`,
            'move sessions to the store (and take "sessions" out of holdfast.app.json), or switch stickiness on until then',
          ),
        ];
  }
  const about = topic(
    'stickiness',
    group.arn,
    'with sessions in the store any server can answer; stickiness then only hides a server that cannot read it, and crowds users on the first servers',
  );
  if (!sticky) return [about.ok('stickiness is off, as sessions in the store want it')];
  return [
    about.warning(
      `${stickinessType} stickiness is on although sessions are in the store: a failure of the store shows only when a deploy moves users`,
      'switch it off: attribute stickiness.enabled=false of the target group',
    ),
  ];
};
