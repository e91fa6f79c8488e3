import { describe, expect, it } from 'vitest';
import { requireRegion } from '../../cli/require-region.ts';

const missing = () => Promise.reject(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }));
const found = async () => [{ address: '192.0.2.1' }];

describe('a Region', () => {
  it.each([
    ['us-esat-1', 'sts.us-esat-1.amazonaws.com: ENOTFOUND). Did you mean us-east-1? Nothing was called.'],
    ['eu-west-9', 'sts.eu-west-9.amazonaws.com: ENOTFOUND). Did you mean eu-west-1? Nothing was called.'],
    ['cn-nroth-1', 'sts.cn-nroth-1.amazonaws.com.cn: ENOTFOUND). Did you mean cn-north-1? Nothing was called.'],
  ])('%s that does not exist is refused, with what is meant', async (region, message) => {
    await expect(requireRegion(region, missing, {})).rejects.toMatchObject({
      code: 'InvalidRegion',
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  it('that AWS added after this version passes: its address exists', async () => {
    await expect(requireRegion('eu-west-4', found, {})).resolves.toBeUndefined();
  });

  it('that is known passes without being looked up', async () => {
    await expect(requireRegion('eu-west-1', missing, {})).resolves.toBeUndefined();
  });

  it.each(['HTTPS_PROXY', 'https_proxy'])(
    'that is unknown passes behind the proxy of %s, which alone may know the names of AWS',
    async (name) => {
      await expect(requireRegion('us-esat-1', missing, { [name]: 'http://proxy.example:3128' })).resolves.toBeUndefined();
    },
  );
});
