/** Steps of causes that say other things by what the evidence shows. Pure. */
import { examine, type Steps, step } from './step-context.ts';

/** ElastiCache promotes a replica by itself, and where it does not, people must know that they wait in vain. */
export const waitForReplica: Steps = (options, { overdueMinutes, isBusy }) => [
  overdueMinutes === undefined
    ? step('Wait: ElastiCache promotes a replica by itself, usually within some minutes. Then check:', `npx holdfast store ${options}`)
    : step(
        `Do not wait any longer: no failover was reported in ${overdueMinutes} minutes. If the primary still does not answer, open a case with AWS Support. To promote the replica yourself, turn automatic failover and Multi-AZ off first. Check the store before:`,
        `npx holdfast store ${options}`,
      ),
  ...(isBusy
    ? [
        step(
          'The engine was busy before it fell silent: search for a long command (KEYS, a script, a large DEL), and end its client. A failover does not end it.',
        ),
      ]
    : []),
];

/** A FLUSHALL leaves the same as an application that logs everybody out on purpose: the first step is to ask people. */
export const whatEmptied: Steps = (options, context) => [
  context.startedAnew === undefined
    ? step(
        'Find out what emptied the store. Ask first: the application can have logged all users out on purpose, or a person or a job ran FLUSHALL, or deleted by a pattern. No node is known to have restarted. What the store has now:',
        `npx holdfast store ${options}`,
      )
    : step(
        `Find out what emptied the store: ${context.startedAnew} restarted around the first sign, and came back without its data. The timeline has what ElastiCache reports. What the store has now:`,
        `npx holdfast store ${options}`,
      ),
  examine('Check who may run FLUSHALL, and whether a replica and failover keep the data:', context),
];

export const whatCutsOff: Steps = (options, context) => {
  const { servers, of } = context.cutOff;
  if (servers.length < 2)
    return [
      step('One server does not reach the store. See which:', `npx holdfast status ${options}`),
      examine('Check the security groups and subnets of that server:', context),
    ];
  const which = servers.length === of ? `None of the ${of} servers reaches` : `${servers.length} of ${of} servers do not reach`;
  return [
    step(`${which} the store, which answers the collector. See them:`, `npx holdfast status ${options}`),
    examine(
      "Check what they have in common: the security group's rules (the timeline has the changes that CloudTrail knew), the subnets and their network ACL, and the address that the name of the store gave them. After a failover or a replaced node, a JVM that keeps addresses goes on asking the old one: restart one server, and see whether it reaches the store:",
      context,
    ),
  ];
};

export const whatCreates: Steps = (_options, context) => [
  {
    machines: step(
      'Let the application create a session at login and not with each request; give health checks and bots a path without sessions.',
    ),
    replaced: step(
      "Let the application change the session's id at the login alone: it gives browsers another session with nearly every request, in place of the one that they name.",
    ),
    browsers: step(
      "Find out why browsers come without their cookie: a rule of a WAF, CDN or proxy that drops Cookie or Set-Cookie, another name, domain or path of the cookie, robots with the name of a browser, or many newcomers who see one page. See what changed last, and compare a request at the CDN with the same one in a server's log.",
    ),
  }[context.madeBy],
];
