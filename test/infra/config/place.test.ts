import { describe, expect, it } from 'vitest';
import { parse, refusal } from '../parse-config.ts';

const web = { allowPlainHttp: true };

describe("an installation's name", () => {
  it.each([
    ['its documents', ['aws', 'awsome-shop', 'amazon-shop', 'amzn']],
    ['its bucket', ['sthree', 'sthree-shop']],
    ['its security groups', ['sg', 'sg-shop']],
  ])('is refused where AWS would refuse the names of %s', (_, names) => {
    for (const installation of names) {
      const message = refusal({ installation, fleets: { web } });
      expect(message).toContain(`installation ("${installation}")`);
      expect(message).toContain('not begin with aws, amazon, amzn, sthree- or sg-, which AWS reserves');
    }
  });

  it.each(['a-ws', 'my-aws', 'sgx', 'sthreed', 'amaze'])('can be %s', (installation) => {
    expect(parse({ installation, fleets: { web } }).installation).toBe(installation);
  });
});

describe('a certificate', () => {
  it.each([
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
    ['aws-iso-b', 'us-isob-east-1'],
    ['aws-eusc', 'eusc-de-east-1'],
  ])('can be of the partition %s', (partition, region) => {
    const certificateArn = `arn:${partition}:acm:${region}:111122223333:certificate/00000000-0000-4000-8000-000000000000`;
    expect(parse({ region, fleets: { web: { certificateArn } } }).fleets['web']?.certificateArn).toBe(certificateArn);
  });

  it.each(['arn:aws:iam::111122223333:server-certificate/web', 'arn:aws:acm:us-east-1:1:x'])('is refused if it is %s', (certificateArn) => {
    const message = refusal({ fleets: { web: { certificateArn } } });
    expect(message).toContain(`fleets.web.certificateArn ("${certificateArn}"): must be an ARN of acm:certificate/`);
  });
});
