/** Between users and the load balancer: listeners, certificates, quotas, and pages that incidents show. */
import { nameOf } from '../deploy/assess/front-checks.ts';
import { chooseRules } from '../incidents/re-login/choose-rule.ts';
import { type Check, checksOf, error, type Judged, notice, ok, unknown, warning } from '../shared/check.ts';
import { counted } from '../shared/texts.ts';
import type { CertificateFacts, Facts, ListenerFacts } from './facts.ts';
import type { Subject } from './subject.ts';

const check = checksOf<Facts>('doctor');

/** What Holdfast uses of an account's roles, a fleet at most; a test counts them in the templates. */
export const ROLES = { shared: 18, fleet: 29 } as const;
/** With fewer free than this, the next team on a shared load balancer may reach the quota. */
const FEW = 5;
const DAY_MS = 86_400_000;
/** ACM renews its certificates 60 days before they expire: with fewer days than this left, the renewal has failed. */
const EXPIRES_SOON_DAYS = 30;

/** Before Holdfast has added its rule, the listener that will have it counts. */
const forwardingOf = (listeners: readonly ListenerFacts[], { listenerArn }: Subject, hasGroup: boolean): readonly ListenerFacts[] =>
  listeners.filter(({ forwards, arn }) => forwards || (!hasGroup && arn === listenerArn));

export const FRONT: readonly Check<Facts>[] = [
  check('listener', ['subject', 'hasLoadBalancer', 'loadBalancer?', 'listeners?', 'targetGroup?'], {
    what: 'a listener that forwards to the fleet',
    why: 'without a listener no request reaches the fleet, and the load balancer makes no health checks',
    resource: ({ loadBalancer, targetGroup }) => loadBalancer?.arn ?? targetGroup?.arn,
    judge({ subject, hasLoadBalancer, loadBalancer: front, listeners, targetGroup: group }) {
      if (group && !hasLoadBalancer)
        return error(
          `no load balancer forwards to target group ${group.name}`,
          subject.targetGroup.named ? 'add a rule to your listener that forwards to it' : 'run "npx --no cdk deploy --all"',
        );
      if (!front || !listeners) return undefined;
      const forwarding = forwardingOf(listeners, subject, group !== undefined);
      if (forwarding.length === 0)
        return group && error(`no listener of ${front.name} forwards to target group ${group.name}`, 'add a rule that forwards to it');
      const those = forwarding.map(({ protocol, port }) => `${protocol} ${port}`).join(' and ');
      return ok(`${those} of ${front.name} ${forwarding.length === 1 ? 'forwards' : 'forward'} to the fleet`);
    },
  }),
  /** @see https://www.rfc-editor.org/rfc/rfc6265#section-5.4 browsers omit a Secure cookie from a request that is not encrypted */
  check('plain-http', ['subject', 'loadBalancer', 'listeners', 'targetGroup?'], {
    what: 'whether users connect by HTTPS',
    why: 'browsers never send a Secure cookie over plain HTTP, so every request starts a new session and nobody stays logged in; without the Secure attribute, anyone on the network path can read the cookie',
    judge({ subject, listeners, targetGroup: group }) {
      // The listener belongs to the user, so the configuration does not set its protocol.
      const isOwn = subject.targetGroup.named || subject.listenerArn !== undefined;
      return forwardingOf(listeners, subject, group !== undefined).map(({ arn: resource, protocol, port }) => {
        if (protocol === 'HTTPS') return ok(`users reach the fleet over HTTPS on port ${port}`, '', { resource });
        const what = `users reach the fleet over plain HTTP on port ${port}`;
        const own = 'add an HTTPS listener to your load balancer, set it as existing.listenerArn, and redirect this one to it';
        if (isOwn) return error(what, own, { resource });
        const fix = 'set certificateArn of the fleet, so that port 80 redirects to HTTPS';
        return subject.allowPlainHttp
          ? warning(`${what}, as allowPlainHttp allows`, fix, { resource })
          : error(what, `${fix}, or set allowPlainHttp to true if nobody logs in`, { resource });
      });
    },
  }),
  check('other-target-groups', ['subject', 'loadBalancer', 'listeners', 'targetGroup?'], {
    what: 'whether a rule gives another target group a share',
    why: 'a deploy rolls the servers of the fleet and takes them out of its own target group alone: in another group the same servers lose requests when they stop, and other servers keep their release',
    judge({ subject, listeners, targetGroup: group }) {
      // A deploy that waits for sessions does not begin with such a rule, and the check of its drain rule reports it.
      if (subject.sessionDrain) return undefined;
      const shared = forwardingOf(listeners, subject, group !== undefined).filter(({ alsoForwardsTo }) => alsoForwardsTo.length > 0);
      return shared.map(({ arn: resource, protocol, port, alsoForwardsTo }) => {
        const others = alsoForwardsTo.map(nameOf).join(' and ');
        const what = `a rule of ${protocol} ${port} forwards to ${others} in addition to the fleet's target group`;
        return warning(what, `remove ${others} from that rule's action, or set its weight to 0`, { resource });
      });
    },
  }),
  /** @see https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html */
  check('certificate', ['subject', 'certificates', 'nowMs', 'listeners?'], {
    what: 'certificates: issued, not about to expire, of this Region, and for the hosts of the rule',
    why: 'browsers reject a certificate that is not valid before a session starts',
    judge({ subject: { region, hosts, ...subject }, certificates, listeners, nowMs }) {
      const used = usedCertificates(subject, listeners);
      const isFor = ({ domains }: CertificateFacts, host: string) => domains.some((domain) => covers(domain, host));
      // A listener that fleets share has the certificates of all of them.
      const own = certificates.filter((one) => hosts.length === 0 || hosts.some((host) => isFor(one, host)));
      const uncovered = hosts.filter((host) => !certificates.some((one) => isFor(one, host)));
      const there = certificates.flatMap(({ domains }) => domains).join(', ');
      const fix = 'request one that covers them, or correct listenerRule.hosts';
      return [
        ...used.flatMap((arn) => notDescribed(arn, region)),
        ...own.map((one) => judgeCertificate(one, nowMs)),
        ...(uncovered.length === 0 || certificates.length < used.length
          ? []
          : [error(`no certificate covers ${uncovered.join(', ')}: they are for ${there}`, fix, { resource: used[0] ?? '' })]),
      ];
    },
  }),
  /** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
  check('free-rules', ['loadBalancer', 'limits', 'listeners'], {
    what: 'free listener rules',
    why: 'a fleet needs a rule for its users, and where deploys wait for sessions one that keeps them on the server that is rolled',
    judge: ({ limits, listeners }) =>
      quota('rules', [listeners.reduce((sum, one) => sum + one.rules, 0), limits['rules-per-application-load-balancer']]),
  }),
  check('free-target-groups', ['loadBalancer', 'limits', 'targetGroupCounts'], {
    what: 'free target groups',
    why: 'a fleet needs a target group, and where deploys wait for sessions a second one for the server that is rolled',
    judge: ({ limits, targetGroupCounts: { ofLoadBalancer, ofAccount } }) => [
      ...quota('target groups of the load balancer', [ofLoadBalancer, limits['target-groups-per-application-load-balancer']]),
      ...quota('target groups of the account', [ofAccount, limits['target-groups']]),
    ],
  }),
  check('free-roles', ['roles', 'isInstalled?'], {
    what: 'free roles of the account',
    why: `a fleet needs up to ${ROLES.fleet} roles, and what all fleets share ${ROLES.shared}`,
    resource: () => 'the account',
    // Nothing is installed yet: a first deployment beyond the quota is rolled back.
    judge: ({ roles: { used, most }, isInstalled }) =>
      quota('roles of the account', [used, most], { few: ROLES.fleet, least: isInstalled === false ? ROLES.shared + ROLES.fleet : 1 }),
  }),
  check('shown-re-login-page', ['subject', 'shownPages', 'command'], {
    what: 'whether users get a re-login page now, and whether an open incident shows it',
    why: 'users get this page in place of the application, and no request of theirs reaches a server',
    judge({ subject: { fleet, awsOptions }, shownPages, command }) {
      if (shownPages.length === 0) return ok(`no re-login page is shown to users of ${fleet}`);
      return shownPages.map(({ ruleArn: resource, priority, incidentId, isHeld }) => {
        const shows = `the rule with priority ${priority} shows users of ${fleet} the re-login page of incident ${incidentId}`;
        if (isHeld) return notice(shows, `see what is wrong: ${command(`incidents show ${incidentId}`)}`, { resource });
        const fix = `if the store is healthy, delete the rule: aws elbv2 delete-rule --rule-arn ${resource} ${awsOptions}`;
        return error(`${shows}, and no open incident holds it`, fix, { resource });
      });
    },
  }),
  check('re-login-page', ['loadBalancer', 'subject', 'listeners', 'limits', 'shownPages?'], {
    what: 'whether the rule of the re-login page finds a free priority, and room in the quota',
    why: 'while no session can be read, users get errors of the application instead of a page that tries again',
    judge({ subject: { fleet, reLoginPage }, listeners, limits, shownPages = [] }) {
      const most = limits['rules-per-application-load-balancer'];
      // A page that is shown has found its priority; a listener that does not forward to the fleet has a finding of its own.
      if (shownPages.length > 0 || !reLoginPage || most === undefined || !listeners.some(({ forwards }) => forwards)) return undefined;
      const routes = listeners.map((one) => one.routes);
      const chosen = chooseRules(routes, reLoginPage, most);
      if ('refused' in chosen)
        return warning(
          `the re-login page of ${fleet} could not be shown: ${chosen.refused}`,
          `or set fleets.${fleet}.incidents.reLoginPage to false, if users need no such page`,
        );
      const priorities = chosen.rules.map(({ priority }) => priority).join(' and ');
      return ok(`the re-login page of ${fleet} can be shown by a rule with priority ${priorities}`);
    },
  }),
];

/** ARNs of the certificates of the configuration and of the fleet's listeners, each once. */
export function usedCertificates(
  { certificateArn }: Pick<Subject, 'certificateArn'>,
  listeners: readonly ListenerFacts[] = [],
): readonly string[] {
  const used = listeners.flatMap(({ forwards, certificateArns }) => (forwards ? certificateArns : []));
  return [...new Set([...(certificateArn === undefined ? [] : [certificateArn]), ...used])];
}

function notDescribed(resource: string, region: string): readonly Judged[] {
  const [, , service, place] = resource.split(':');
  if (service !== 'acm')
    return [
      unknown(
        `certificate ${resource} is not an ACM certificate, so its expiry is unknown`,
        'check its expiry with aws iam get-server-certificate',
        { resource },
      ),
    ];
  if (place === region) return [];
  const fix = `request it in ${region}: a load balancer accepts only certificates of its own Region`;
  return [error(`certificate ${resource} is in ${place}, and the load balancer in ${region}`, fix, { resource })];
}

function judgeCertificate(certificate: CertificateFacts, nowMs: number): Judged {
  const { arn: resource, status, domains, notAfterMs = Number.POSITIVE_INFINITY, renewedByAcm } = certificate;
  const name = domains[0] ?? resource;
  const all = domains.join(', ');
  if (status !== 'ISSUED') {
    const fix = status === 'PENDING_VALIDATION' ? 'add the validation records that ACM shows to your DNS' : 'request a new one';
    return error(`the certificate of ${name} is ${status}`, fix, { resource });
  }
  const days = Math.floor((notAfterMs - nowMs) / DAY_MS);
  if (days < 0)
    return error(`the certificate of ${name} expired ${counted(-days, 'day')} ago`, 'import or request a new one', { resource });
  if (days >= EXPIRES_SOON_DAYS) return ok(`the certificate of ${all} is issued and expires in ${days} days`, '', { resource });
  const renew = renewedByAcm
    ? 'ACM should have renewed it by now: check its renewal status and the DNS records'
    : 'import a new one: ACM does not renew this one';
  return warning(`the certificate of ${name} expires in ${days} days`, renew, { resource });
}

/** A wildcard covers one label: `*.example.com` covers `a.example.com`, and neither `example.com` nor `a.b.example.com`. */
function covers(domain: string, host: string): boolean {
  const [certificate, asked] = [domain.toLowerCase(), host.toLowerCase()];
  if (certificate === asked) return true;
  return certificate.startsWith('*.') && asked.split('.').slice(1).join('.') === certificate.slice(2);
}

/** @param few so many free ones are few @param least without so many a deployment fails */
function quota(things: string, [used, limit]: (number | undefined)[], { few, least } = { few: FEW, least: 1 }): readonly Judged[] {
  if (used === undefined || limit === undefined) return [];
  const free = Math.max(0, limit - used);
  const what = `${used} of ${limit} ${things} are used, ${free} ${free === 1 ? 'is' : 'are'} free`;
  const fix = 'delete unused ones, or request a higher quota in Service Quotas';
  return [free < least ? warning(what, fix) : free < few ? notice(what, fix) : ok(what)];
}
