/** First steps where no cause explains the trouble: by what people notice, or the store shows. Pure. */
import { holdfast } from '../../shared/command-options.ts';
import type { ChannelName } from '../trouble/channels.ts';
import type { Step } from './incident-page.ts';
import { plain } from './plain.ts';
import { examine, readStore, type StepContext, type Steps, step, undoChanges, whatPassed } from './step-context.ts';

const LOG = 'Take one request that failed from the log of a server';

/** What stops people before a server sees them. */
const inFront: Steps = (_options, context) => [
  ...undoChanges(context, 'waf', 'balancer-rule', 'listener'),
  step(
    'No server sees these requests. If a web ACL is at the load balancer, see which of its rules blocks them (its sampled requests in the console of WAF), and whom: set that rule to Count if they are users, and not if they are bots.',
    ...context.aws('wafv2 get-web-acl-for-resource --resource-arn "$load_balancer"'),
  ),
  step(
    'If there is none, a rule of the listener answers them: see what each rule does.',
    ...context.aws('elbv2 describe-rules --listener-arn "$listener"'),
  ),
];

/** Sessions are known to servers or they are not, whatever status says so. */
const sentAway: Steps = (options, context) => [
  ...undoChanges(context, 'secret', 'stickiness', 'store-password', 'store-user', 'store-reboot', 'store-snapshot', 'instance', 'zone'),
  ...(context.isCookieMissed && context.suspects.length === 0 && context.past === undefined ? [followCookie(options)] : []),
  ...(context.past !== undefined && context.isOver && context.shortLives === undefined
    ? whatPassed(options, context)
    : [
        step(
          context.shortLives === undefined
            ? 'See what changed at that minute: a deploy, a setting, a secret that signs or encrypts cookies, a restart. If it was a secret, give the application the previous one as well.'
            : `See how long sessions live that begin now, and whether a setting or a library changed that says so (session timeout, Max-Age, TTL): ${plain(context.shortLives)}. If it is one server, restart or replace it.`,
          holdfast(`deploys ${options}`),
        ),
      ]),
  examine('If nothing was changed, compare the cookie, the load balancer and the servers with the configuration.', context),
];

const ofServers: Steps = (options, context) => [
  ...undoChanges(context, 'security-group', 'network-acl', 'route', 'secret', 'store-password', 'store-user', 'store-snapshot', 'instance'),
  step(
    `${LOG} with what the application wrote at that second: what it waited for or could not read is next. If one server alone has them, restart that one.`,
    holdfast(`status ${options}`),
  ),
  step('If it is the store that they wait for, see whether it is busy, slow or full.', holdfast(`store ${options}`)),
];

const ofRefusals: Steps = (options, context) => [
  ...undoChanges(context, 'secret', 'waf', 'balancer-rule'),
  step(
    `${LOG}, and see what its status means: 400 or 431 too large a header or cookie, 401 a sign-in, 403 a token or rule, 404 a path that is gone, 429 a limit. If it began with a release, return to the previous one.`,
    holdfast(`deploys ${options}`),
  ),
];

const ofTargets: Steps = (options, context) => [
  ...undoChanges(context, 'security-group', 'listener', 'balancer-rule', 'instance'),
  step(
    'See which targets the load balancer can use. 502: a server closes connections; 503: none is registered; 504: they answer too late; 561: the sign-in provider fails.',
    ...context.aws(
      'elbv2 describe-target-health --target-group-arn "$target_group" --query \'TargetHealthDescriptions[].[Target.Id, TargetHealth.State, TargetHealth.Reason]\' --output table',
    ),
  ),
  step('If a server is not healthy and no deploy runs, restart it. The ids are here.', holdfast(`status ${options}`)),
];

/** A node that is asked would close the connection: who is connected already, or CloudWatch, shows who holds them. */
const whoConnects = (options: string, { noConnections }: StepContext): readonly Step[] =>
  noConnections === undefined
    ? []
    : [
        step(
          `Stop what opens so many connections: none is left at ${noConnections}. CloudWatch (CurrConnections, NewConnections) shows since when; who came then is a job, a function that opens one for each call, or a pool that grew. "CLIENT LIST" names them at a client that is connected. Restart no server: it would lose the connections that it has.`,
          holdfast(`store ${options}`),
        ),
      ];

const ofNetwork: Steps = (options, context) => [
  ...whoConnects(options, context),
  ...undoChanges(context, 'security-group', 'network-acl', 'route', 'store-password', 'store-user', 'secret'),
  examine(
    'Check what keeps the servers from the store: its name, security groups, users, passwords and certificate; where their lines say "max number of clients reached", its connections.',
    context,
  ),
  readStore(options),
];

const ofRoom: Steps = (options) => [
  step(
    'See how full the store is, and what fills it. If it will not last until the morning, give it a larger node type.',
    holdfast(`store ${options}`),
  ),
  step('If keys without a TTL fill it, count them. This changes nothing.', holdfast(`sweep --dry-run ${options}`)),
];

/** A slow command blocks all others, and no failover ends it: one is looked for where the engine is busy or slow, or not known. */
const ofEngine: Steps = (options, context) => {
  const { load, node, isFree, missed } = context.engine;
  const undone = undoChanges(context, 'store-reboot', 'store-snapshot', 'store-password', 'store-user');
  if (context.noConnections !== undefined) return [...whoConnects(options, context), ...undone];
  if (isFree && missed === undefined) return undone;
  const lost = `${missed} sessions begun since are lost at a server that has served them, and the store has them`;
  const command = `On ${node}, "SLOWLOG GET 10" and "INFO commandstats" show a long command, and "CLIENT LIST" who sends it: end that client.`;
  const text = isFree
    ? `${lost}.${load} See whether servers read from a replica that lags, or keep connections to a node that is gone.`
    : `${missed === undefined ? `See whether a node is busy, slow or full.${load}` : `${lost}: it answers at times and at times not.`} ${command}`;
  return [...undone, step(text, holdfast(`store ${options}`))];
};

/** Lines about a store that is well: what the client waited for is in them. */
const ofLines: Steps = (options, context) => [
  ...ofEngine(options, context),
  ...(context.engine.isFree
    ? [
        step(
          `Servers log errors of a store that is not busy.${context.engine.load} Read one: if no connection is free, their pool is too small or leaks; if one address times out, restart one server, and see whether its errors end.`,
          holdfast(`status ${options}`),
        ),
      ]
    : []),
  ...ofNetwork(options, context).slice(0, -1),
];

/** Where nothing shows why: a person sees at once which of the three it is. */
export const followCookie = (options: string): Step =>
  step(
    'Log in by hand, and follow the session cookie: whether the answer sets it, whether the next request sends it, and whether each server that gets it knows it.',
    holdfast(`status ${options}`),
  );

export const CHANNEL_STEPS: Readonly<Record<ChannelName, Steps>> = {
  lost: sentAway,
  redirects: sentAway,
  refusals: ofRefusals,
  errors: ofServers,
  balancerRefusals: inFront,
  balancerErrors: ofTargets,
  signIns: (_options, context) => [
    ...undoChanges(context, 'secret', 'listener', 'balancer-rule'),
    step(
      "Look at the sign-in provider's own status page, and try to sign in. If it works there, compare the client secret and the addresses of the listener's rule with the provider's.",
      ...context.aws('elbv2 describe-rules --listener-arn "$listener"'),
    ),
  ],
  vain: (options, context) => [
    ...undoChanges(context, 'waf', 'listener', 'balancer-rule'),
    step(
      'Log in from outside, and see whether the answer sets the session cookie and the next request sends it. If a CDN, WAF or proxy drops Cookie or Set-Cookie since a change, undo that change.',
      holdfast(`status ${options}`),
    ),
    examine("Else compare the cookie's Secure, domain and path with the listeners.", context),
  ],
  returns: (options, context) => [
    step(
      'If it began with a release, return to the previous one: users who come back from another site (a payment, a sign-in) come without their cookie, which SameSite can hold back.',
      holdfast(`deploys ${options}`),
    ),
    examine("Compare the cookie's SameSite with the configuration.", context),
  ],
  logins: (options, context) => [
    ...undoChanges(context, 'waf', 'secret', 'listener', 'balancer-rule'),
    step(
      'Log in from outside with a browser that has no session. If the login page asks for a challenge, or its form gets no answer, undo the last change of what is in front (CDN, WAF); if it is the sign-in provider, see its status page.',
      holdfast(`status ${options}`),
    ),
  ],
  requests: (_options, context) => [
    step(
      'Open the site from outside, at its public name, and log in. If it does not open, see what is in front of the load balancer: DNS, certificate, CDN and its status page, firewall. With the name that this prints, "curl --connect-to" asks the load balancer itself.',
      ...context.aws(
        'elbv2 describe-load-balancers --load-balancer-arns "$load_balancer" --query \'LoadBalancers[].[DNSName, State.Code]\' --output text',
      ),
    ),
    examine('If it opens, compare listeners and targets with the configuration.', context),
  ],
  sessions: (options, context) => [
    ...undoChanges(context, 'store-reboot'),
    step(
      'Ask who deletes sessions: a job or person with FLUSHALL or a pattern, a sweep, a log-out of everybody by the application. See whether they still fall.',
      holdfast(`store ${options}`),
    ),
    step('If it was a sweep, see what it did.', holdfast(`sweeps ${options}`)),
  ],
  canary: (options, context) => [
    step(
      'Log in as a user, and load the page again after a minute. If you stay logged in, the canary alone is hurt; see what it says.',
      holdfast(`status ${options}`),
    ),
    examine('If you do not, compare the cookie, the load balancer and the servers with the configuration.', context),
  ],
  refusedWrites: (options, context) => [
    ...undoChanges(context, 'store-reboot'),
    step(
      'See whether the store is full or a primary takes writes. If it is full, give it room; if there was a failover, restart the servers that still write to the old primary, one after the other.',
      holdfast(`store ${options}`),
    ),
  ],
  evictions: ofRoom,
  memory: ofRoom,
  nodes: ofEngine,
  reach: ofNetwork,
  storeErrors: ofLines,
  sessionErrors: (options, context) => [
    ...undoChanges(context, 'secret'),
    step(
      'See whether a release or a secret changed when the lines began. If a release did, return to the previous one; if a secret did, give the application the previous one as well.',
      holdfast(`deploys ${options}`),
    ),
  ],
};
