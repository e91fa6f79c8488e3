/** Certificate Manager of the local cloud, as far as its listeners go: it describes the one certificate that they present. */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { LocalService } from '../service/service.ts';

const request = z.object({ CertificateArn: z.string().regex(/^arn:aws:acm:/) });

/** What a user of the real Certificate Manager would miss. */
const NOT_EMULATED = [
  'DescribeCertificate returns, for any ARN, the certificate that HTTPS listeners present; certificates cannot be requested, imported, validated or renewed.',
] as const;

/** @param presented PEM of the certificate that every HTTPS listener presents */
export function createAcmService(presented: () => Promise<string>): LocalService {
  return {
    signingNames: ['acm'],
    protocol: { kind: 'json', version: '1.1' },
    operations: {
      async DescribeCertificate(input) {
        const { CertificateArn } = request.parse(input);
        const certificate = new X509Certificate(await presented());
        const names = (certificate.subjectAltName ?? '').split(', ').flatMap((name) => /^DNS:(.+)$/.exec(name)?.[1] ?? []);
        return {
          Certificate: {
            CertificateArn,
            DomainName: names[0] ?? 'localhost',
            SubjectAlternativeNames: names,
            Status: 'ISSUED',
            Type: 'IMPORTED',
            RenewalEligibility: 'INELIGIBLE',
            NotBefore: Date.parse(certificate.validFrom) / 1_000,
            NotAfter: Date.parse(certificate.validTo) / 1_000,
          },
        };
      },
    },
    resourceTypes: {},
    notEmulated: NOT_EMULATED,
    stop: async () => {},
  };
}
