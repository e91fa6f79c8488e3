import { type Check, type Finding, type Findings, topic } from '../finding.ts';
import { type CertificateFacts, usedCertificates } from './load-balancing-facts.ts';

const DAY_MS = 86_400_000;
/** ACM renews its certificates 60 days before they expire: with fewer days than this left, the renewal has failed. */
const EXPIRES_SOON_DAYS = 30;

/**
 * Certificates of the configuration and of the listeners.
 * @see https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
 */
export const checkCertificates: Check = (facts, subject) => [
  ...usedCertificates(subject, facts.listeners).flatMap((arn) => notDescribed(arn, subject.region)),
  ...facts.certificates.flatMap((one) => (one.state === 'known' ? judge(one.value, subject.hosts, facts.nowMs) : [])),
];

const about = (arn: string) => topic('certificate', arn, 'browsers reject a certificate that is not valid before a session starts');

function notDescribed(arn: string, region: string): Findings {
  const [, , service, place] = arn.split(':');
  if (service !== 'acm') {
    return about(arn).unknown(
      `certificate ${arn} is not an ACM certificate, so its expiry is unknown`,
      'check its expiry with aws iam get-server-certificate',
    );
  }
  if (place === region) return [];
  return about(arn).error(
    `certificate ${arn} is in ${place}, and the load balancer in ${region}`,
    `request it in ${region}: a load balancer accepts only certificates of its own Region`,
  );
}

function judge(certificate: CertificateFacts, hosts: readonly string[], nowMs: number): Findings {
  const { arn, status, domains } = certificate;
  const { error } = about(arn);
  if (status !== 'ISSUED') {
    return error(
      `the certificate of ${domains[0] ?? arn} is ${status}`,
      status === 'PENDING_VALIDATION' ? 'add the validation records that ACM shows to your DNS' : 'request a new one',
    );
  }
  const uncovered = hosts.filter((host) => !domains.some((domain) => covers(domain, host)));
  if (uncovered.length === 0) return expiry(certificate, nowMs);
  const what = `the certificate of ${domains.join(', ')} does not cover ${uncovered.join(', ')}`;
  return [expiry(certificate, nowMs), error(what, 'request one that covers them, or correct listenerRule.hosts')];
}

function expiry({ arn, notAfterMs = Number.POSITIVE_INFINITY, domains, renewedByAcm }: CertificateFacts, nowMs: number): Finding {
  const { ok, warning, error } = about(arn);
  const name = domains[0] ?? arn;
  const days = Math.floor((notAfterMs - nowMs) / DAY_MS);
  if (days < 0) return error(`the certificate of ${name} expired ${-days} days ago`, 'import or request a new one');
  if (days >= EXPIRES_SOON_DAYS) return ok(`the certificate of ${domains.join(', ')} is issued and expires in ${days} days`);
  return warning(
    `the certificate of ${name} expires in ${days} days`,
    renewedByAcm
      ? 'ACM should have renewed it by now: check its renewal status and the DNS records'
      : 'import a new one: ACM does not renew this one',
  );
}

/** A wildcard covers one label: `*.example.com` covers `a.example.com`, and neither `example.com` nor `a.b.example.com`. */
function covers(domain: string, host: string): boolean {
  const [certificate, asked] = [domain.toLowerCase(), host.toLowerCase()];
  if (certificate === asked) return true;
  return certificate.startsWith('*.') && asked.split('.').slice(1).join('.') === certificate.slice(2);
}
