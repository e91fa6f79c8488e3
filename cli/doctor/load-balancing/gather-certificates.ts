import { type ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { aboutResource, known, lookUp, NotFound } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { CertificateFacts, LoadBalancingLookups } from './facts.ts';

/** ARNs of the certificates of the configuration and of the fleet's listeners, each once. */
export function usedCertificates({ certificateArn }: Subject, listeners: LoadBalancingLookups['listeners']): readonly string[] {
  const used = (known(listeners) ?? []).flatMap(({ forwards, certificateArns }) => (forwards ? certificateArns : []));
  return [...new Set([...(certificateArn === undefined ? [] : [certificateArn]), ...used])];
}

/** What ACM knows of those certificates; ACM does not describe certificates that are stored in IAM. */
export function gatherCertificates(
  acm: ACMClient,
  subject: Subject,
  listeners: LoadBalancingLookups['listeners'],
): Promise<LoadBalancingLookups['certificates']> {
  return Promise.all(
    usedCertificates(subject, listeners)
      // In another Region ACM would report that it does not exist.
      .filter((arn) => arn.split(':')[2] === 'acm' && arn.split(':')[3] === subject.region)
      .map((arn) => {
        const about = aboutResource('certificate', arn, 'acm:DescribeCertificate', ['ResourceNotFoundException']);
        return lookUp({ ...about, named: true }, () => describe(acm, arn));
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
