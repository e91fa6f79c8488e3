import { describe, expect, it } from 'vitest';
import { policyOption } from '../../cli/option-values.ts';

describe('the value of --policy', () => {
  it('is one policy, or one for each dialect', () => {
    expect(policyOption('expire')).toBe('expire');
    expect(policyOption('connect-redis=delete,laravel=report')).toEqual({ 'connect-redis': 'delete', laravel: 'report' });
  });

  it.each([
    'forever',
    'laravel=forever',
    '-laravel=report',
    'Laravel=report',
    'laravel',
    'laravel=report=expire',
    `${'l'.repeat(41)}=report`,
    '',
  ])('%j is refused, and nothing is started', (text) => {
    expect(() => policyOption(text)).toThrow('is not a valid policy. Nothing was started.');
  });
});
