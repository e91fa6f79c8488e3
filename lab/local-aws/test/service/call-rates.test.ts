import { describe, expect, it } from 'vitest';
import { ELB_CALL_RATES } from '../../elbv2/call-rates.ts';
import { limitCalls } from '../../service/call-rates.ts';
import { SSM_CALL_RATES } from '../../ssm/call-rates.ts';

const THROTTLED = expect.objectContaining({ code: 'ThrottlingException', message: 'Rate exceeded', status: 400 });

function counting(rates: Parameters<typeof limitCalls>[0]) {
  const clock = { nowMs: 0 };
  const limit = limitCalls(rates, () => clock.nowMs);
  return {
    clock,
    /** How many calls of so many, all at the same moment, are allowed. */
    allowed(operation: string, calls: number) {
      let count = 0;
      for (let call = 0; call < calls; call += 1) {
        try {
          limit(operation);
          count += 1;
        } catch (error) {
          expect(error).toEqual(THROTTLED);
        }
      }
      return count;
    },
  };
}

describe('calls of an API', () => {
  it('take from a bucket that fills again, and never beyond its size', () => {
    const { clock, allowed } = counting(ELB_CALL_RATES);
    expect(allowed('DescribeTargetHealth', 50)).toBe(40);
    clock.nowMs = 500;
    expect(allowed('DescribeTargetHealth', 50)).toBe(5);
    clock.nowMs = 3_600_000;
    expect(allowed('DescribeTargetHealth', 50)).toBe(40);
  });

  it('that are refused take nothing', () => {
    const { clock, allowed } = counting(ELB_CALL_RATES);
    allowed('DescribeRules', 1_000);
    clock.nowMs = 100;
    expect(allowed('DescribeRules', 1)).toBe(1);
  });

  it('of Elastic Load Balancing that change nothing share one bucket; registrations have another', () => {
    const { allowed } = counting(ELB_CALL_RATES);
    expect(allowed('DescribeTargetGroups', 40)).toBe(40);
    expect(allowed('DescribeTargetHealth', 1)).toBe(0);
    expect(allowed('RegisterTargets', 15) + allowed('DeregisterTargets', 15)).toBe(20);
  });

  it('of Systems Manager have a bucket each', () => {
    const { allowed } = counting(SSM_CALL_RATES);
    expect(allowed('GetCommandInvocation', 50)).toBe(40);
    expect(allowed('SendCommand', 50)).toBe(20);
    expect(allowed('PutParameter', 500), 'not limited').toBe(500);
  });
});
