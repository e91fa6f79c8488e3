import { type ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { aboutResource, lookUp, NotFound } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import { type CertificateFacts, type LoadBalancingLookups, usedCertificates } from './load-balancing-facts.ts';

/** What ACM knows of those certificates; ACM does not describe certificates that are stored in IAM. */
export function gatherCertificates(
  acm: ACMClient,
  subject: Subject,
  listeners: LoadBalancingLookups['listeners'],
): Promise<LoadBalancingLookups['certificates']> {
  return Promise.all(
    usedCertificates(subject, listeners)
      // ACM would report that a certificate of another Region does not exist.
      .filter((arn) => arn.split(':')[2] === 'acm' && arn.split(':')[3] === subject.region)
      .map((arn) => {
        const about = { named: true, absentOn: ['ResourceNotFoundException'] };
        return lookUp(aboutResource('certificate', arn, 'acm:DescribeCertificate', about), () => describe(acm, arn));
      }),
  );
}

async function describe(acm: ACMClient, arn: string): Promise<CertificateFacts> {
  const { Certificate: certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
  if (!certificate) throw new NotFound();
  return {
    arn,
    status: certificate.Status ?? '',
    notAfterMs: certificate.NotAfter?.getTime(),
    domains: [...new Set([certificate.DomainName ?? '', ...(certificate.SubjectAlternativeNames ?? [])])].filter((name) => name !== ''),
    renewedByAcm: certificate.RenewalEligibility === 'ELIGIBLE',
  };
}
