import { expect, it } from 'vitest';
import { createAreHurt } from '../../../../functions/incidents/mitigate/store-witnesses.ts';

it('does not know whether users are hurt while CloudWatch refuses to say, or has nothing to say', async () => {
  const throttled = async () => {
    throw Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });
  };
  expect(await createAreHurt(throttled, () => 1)('web')).toBeUndefined();
  expect(
    await createAreHurt(
      async () => ({ gap: 'no metrics' }),
      () => 1,
    )('web'),
  ).toBeUndefined();
});
