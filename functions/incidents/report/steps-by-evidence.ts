/** Steps of causes that say other things by what the evidence shows. Pure. */
import { holdfast } from '../../shared/command-options.ts';
import { byDay, examine, readStore, type Steps, step, undoChanges } from './step-context.ts';

/** From outside, a primary that waits for its own command looks like one that is gone. */
export const HELD = step(
  'A primary that is only silent can be held by a long command (KEYS, a script): EngineCPUUtilization near 100 % in CloudWatch shows that. End its client: no failover ends it.',
);

/** ElastiCache promotes a replica by itself, and where it does not, people must know that they wait in vain. */
export const waitForReplica: Steps = (options, context) => {
  const { overdueMinutes, isBusy } = context;
  const undone = undoChanges(context, 'security-group', 'network-acl', 'route');
  return [
    ...undone,
    ...(isBusy
      ? [
          step(
            'The engine was busy before it fell silent. If a long command holds it (KEYS, a script, a large DEL), end its client: a failover does not end it.',
            ...context.aws('elasticache describe-events --source-identifier "$store" --source-type replication-group --duration 60'),
          ),
        ]
      : []),
    overdueMinutes === undefined
      ? step(
          'Wait: ElastiCache promotes a replica by itself, usually within some minutes. Then check the store.',
          holdfast(`store ${options}`),
        )
      : step(
          `If the primary still does not answer, do not wait any longer: no failover was reported in ${overdueMinutes} minutes.${undone.length > 0 ? '' : ' Open a case with AWS Support; to promote the replica yourself, turn automatic failover and Multi-AZ off first.'} Check the store before.`,
          holdfast(`store ${options}`),
        ),
    ...(overdueMinutes === undefined || isBusy ? [] : [HELD]),
  ];
};

/** Servers that are unhealthy are replaced, and those that a group does not need are ended: only one of the two is to be repaired. */
export const whatEndedServers: Steps = (options, context) =>
  context.isScaleIn
    ? [
        step(
          'See which policy, schedule or person scaled in: Auto Scaling ended these servers, and none as unhealthy. If more are to end, raise the minimum size of the group.',
          ...context.aws(
            "autoscaling describe-scaling-activities --max-items 20 --query 'Activities[].[StartTime, AutoScalingGroupName, Cause]' --output text",
          ),
          holdfast(`status ${options}`),
        ),
        byDay('let sessions outlive a server: keep them in the store. Until then scale in by hand, when few people are there.'),
      ]
    : [
        step('See which servers are left. If more are ended, their health check is what to repair.', holdfast(`status ${options}`)),
        examine('Check the health check and the hooks. By day: sessions that have to outlive a server belong in the store.', context),
      ];

/** A FLUSHALL leaves the same as an application that logs everybody out on purpose: the first step is to ask people. */
export const whatEmptied: Steps = (options, context) => [
  ...undoChanges(context, 'store-reboot'),
  ...(context.startedAnew === undefined
    ? [
        step(
          context.emptied === undefined
            ? 'Ask who emptied it: a person or a job with FLUSHALL or a deletion by pattern, or the application on purpose. No node is known to have restarted. Users log in again; if the sessions fall once more, it goes on.'
            : `Find the job that empties it, and stop it: that was ${context.emptied}. Look for what runs so often: a schedule, a clean-up, a test, a process that begins again and again. Until then users who log in are out again at the next time.`,
          holdfast(`store ${options}`),
        ),
        step(
          'If nobody knows, "INFO commandstats" on the primary counts flushall, del and unlink, and "CLIENT LIST" names who is connected. If it goes on, take these commands from that user, unless it is the application, which logs users out with them. This lists what ElastiCache did itself.',
          ...context.aws('elasticache describe-events --source-identifier "$store" --source-type replication-group --duration 120'),
        ),
      ]
    : [
        step(
          `See that sessions come again: ${context.startedAnew} restarted around the first sign, and came back without its data. Users log in again, and what is lost stays lost.`,
          holdfast(`store ${options}`),
        ),
      ]),
  examine('Check who may run FLUSHALL, and whether a replica and failover keep the data.', context),
];

export const whatCutsOff: Steps = (options, context) => {
  const { servers, of, zone, isNameless, allReach } = context.cutOff;
  const undone = undoChanges(context, 'security-group', 'network-acl', 'route', 'store-user');
  const [instanceId] = servers;
  if (instanceId === undefined)
    return [
      ...undone,
      step(
        allReach ? `All ${of} servers reach the store: see that it stays so.` : 'See which server does not reach the store.',
        holdfast(`status ${options}`),
      ),
      examine('If it comes back, check the security groups, the subnets and the name resolution of the servers.', context),
    ];
  const verb = servers.length === 1 ? 'does' : 'do';
  const which =
    servers.length === of && of > 1
      ? `None of the ${of} servers reaches the store`
      : `${servers.length} of ${of} servers ${verb} not reach the store`;
  if (isNameless)
    return [
      ...undone,
      examine(
        `${which}, whose name they do not find. Check what resolves names for them: DNS support and Resolver rules of the VPC, /etc/resolv.conf and its search domain.`,
        context,
      ),
      step(
        'Else compare the address of the store that the application has with this one.',
        ...context.aws(
          'elasticache describe-replication-groups --replication-group-id "$store" --query \'ReplicationGroups[].[ConfigurationEndpoint.Address, NodeGroups[].PrimaryEndpoint.Address]\' --output text',
        ),
      ),
    ];
  if (servers.length === 1)
    return [
      ...undone,
      step(
        `If ${instanceId} still does not reach the store, restart it: the command drains it, and ends when it serves again.`,
        holdfast(`restart ${instanceId} ${options}`),
      ),
      examine('If it comes back, check the security groups and the subnet of that server.', context),
    ];
  return [
    ...undone,
    zone === undefined
      ? examine(`${which}. Check what they have in common: the security group's rules, the subnets and their network ACL.`, context)
      : examine(
          `${which}: those of ${zone}, and no other. Check that zone in the AWS Health Dashboard, and its subnet's route table and network ACL.`,
          context,
        ),
    step(
      `If there was a failover or a replaced node: a JVM that keeps addresses goes on asking the old one. Restart one server, and see whether it reaches the store.`,
      holdfast(`restart ${instanceId} ${options}`),
    ),
  ];
};

/** What a person changed on one side alone. */
export const whatRefusesLogins: Steps = (options, context) => [
  ...undoChanges(context, 'store-password', 'store-user', 'secret'),
  examine(
    'Compare the users and passwords of the store with those that the servers have. WRONGPASS: a user can have two passwords, add the previous one again (step 2 of "Rotate the application\'s password" in docs/runbook/administration.md). NOPERM: its access string was changed.',
    context,
  ),
  step(
    'If the servers have the previous password and the secret has the new one, restart one server after the other. Their ids are here.',
    holdfast(`status ${options}`),
  ),
  readStore(options),
];

export const whatCreates: Steps = (options, context) => [
  {
    machines: step(
      'See how much room is left. Then let the application create a session at the login and not with each request, and give health checks and bots a path without sessions.',
      holdfast(`store ${options}`),
    ),
    replaced: step(
      "See how much room is left. Then let the application change the session's id at the login alone: browsers get another session with nearly every request, in place of the one that they name.",
      holdfast(`store ${options}`),
    ),
    browsers: step(
      "Compare a request at the CDN, WAF or proxy with the same one in a server's log: browsers come without their cookie. If something drops Cookie or Set-Cookie since a change, undo that change.",
      ...context.aws('wafv2 get-web-acl-for-resource --resource-arn "$load_balancer"'),
    ),
  }[context.madeBy],
  examine("Else compare the cookie's name, domain and path, and the listeners, with the configuration.", context),
];
