import { expect, it } from 'vitest';
import { describeComparison } from '../../../../local/aws/iam/describe-comparison.ts';

const NOTHING = { roles: 2, calls: 5, denied: 0, denials: [], unused: [], serviceUsed: [] };

it('prints in one line that nothing was refused and everything was used', () => {
  expect(describeComparison(NOTHING)).toBe('2 roles, 5 different calls, 0 of them refused, 0 permissions not used\n');
});

it('lists what was refused, what was not used and under which condition, and what AWS uses', () => {
  const role = 'arn:aws:iam::000000000000:role/deployer';
  const text = describeComparison({
    ...NOTHING,
    denied: 1,
    denials: [{ principal: role, action: 'a:B', resource: 'arn:x' }],
    unused: [{ role, action: 'a:Longer', resource: '*', condition: { Bool: { c: 'true' } } }],
    serviceUsed: [{ action: 'xray:Put', why: 'traces', source: 'https://docs.aws.amazon.com/' }],
  });
  expect(text.split('\n')).toEqual([
    '2 roles, 5 different calls, 1 of them refused, 1 permissions not used',
    '',
    'refused:',
    '  role      action  resource',
    '  deployer  a:B     arn:x',
    '',
    'not used:',
    '  role      action    resource  condition',
    '  deployer  a:Longer  *         {"Bool":{"c":"true"}}',
    '',
    'used by AWS on behalf of a role:',
    '  action    why     source',
    '  xray:Put  traces  https://docs.aws.amazon.com/',
    '',
  ]);
});
