import type { CertificateFacts } from '../facts.ts';
import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

const DAY_MS = 86_400_000;
/** ACM renews what it issued from 60 days before the end on: one with less than this left was not renewed. */
const FEW_DAYS = 30;

/**
 * Certificates of the configuration and of the listeners.
 * @see https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
 */
export const checkCertificates: Check = (facts, subject) => {
  const used = (seen(facts.listeners) ?? []).flatMap(({ forwards, certificateArns }) => (forwards ? certificateArns : []));
  const arns = new Set([...used, ...(subject.certificateArn === undefined ? [] : [subject.certificateArn])]);
  return [
    ...[...arns].flatMap((arn) => elsewhere(arn, subject.region)),
    ...facts.certificates.flatMap((one) => (one.state === 'seen' ? judge(one.value, subject.hosts, facts.nowMs) : [])),
  ];
};

const about = (arn: string) =>
  topic('certificate', arn, 'with a certificate that is not valid, browsers refuse the page before any session begins');

function elsewhere(arn: string, region: string): Finding[] {
  const [, , service, place] = arn.split(':');
  if (service !== 'acm') {
    return [
      about(arn).unknown(
        `certificate ${arn} is not ACM's, which alone is asked for its end`,
        'look at its end by hand: aws iam get-server-certificate',
      ),
    ];
  }
  if (place === region) return [];
  return [
    about(arn).error(
      `certificate ${arn} is in ${place}, the load balancer in ${region}`,
      `request it in ${region}: a load balancer takes certificates of its own Region only`,
    ),
  ];
}

function judge({ arn, status, notAfterMs, domains, renewedByAcm }: CertificateFacts, hosts: readonly string[], nowMs: number): Finding[] {
  const { ok, warning, error } = about(arn);
  const name = domains[0] ?? arn;
  if (status !== 'ISSUED') {
    return [
      error(
        `the certificate of ${name} is ${status}`,
        status === 'PENDING_VALIDATION' ? 'add the validation records that ACM names to your DNS' : 'request another one',
      ),
    ];
  }
  const findings: Finding[] = [];
  const days = Math.floor(((notAfterMs ?? Number.POSITIVE_INFINITY) - nowMs) / DAY_MS);
  if (days < 0) findings.push(error(`the certificate of ${name} ended ${-days} days ago`, 'import or request a new one'));
  else if (days < FEW_DAYS) {
    findings.push(
      warning(
        `the certificate of ${name} ends in ${days} days`,
        renewedByAcm
          ? 'ACM should have renewed it by now: look at its renewal status and the DNS records'
          : 'import a new one: ACM does not renew this one',
      ),
    );
  } else findings.push(ok(`the certificate of ${domains.join(', ')} is issued and lasts ${days} more days`));
  const uncovered = hosts.filter((host) => !domains.some((domain) => covers(domain, host)));
  if (uncovered.length > 0) {
    findings.push(
      error(
        `the certificate of ${domains.join(', ')} does not cover ${uncovered.join(', ')}`,
        'request one with these names, or correct listenerRule.hosts',
      ),
    );
  }
  return findings;
}

/** A wildcard stands for one label: `*.example.com` covers `a.example.com`, and neither `example.com` nor `a.b.example.com`. */
function covers(domain: string, host: string): boolean {
  const [certificate, asked] = [domain.toLowerCase(), host.toLowerCase()];
  if (certificate === asked) return true;
  return certificate.startsWith('*.') && asked.split('.').slice(1).join('.') === certificate.slice(2);
}
