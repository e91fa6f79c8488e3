import { describe, expect, it } from 'vitest';
import { classifyAwsError } from '../../../../functions/shared/aws/classify-aws-error.ts';
import { HoldfastError } from '../../../../functions/shared/errors.ts';

const awsError = (name: string, httpStatusCode = 400) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
const nodeError = (code: string) => Object.assign(new Error(code), { code });

describe('classifyAwsError', () => {
  it.each([
    ['a throttled call', awsError('ThrottlingException'), 'transient'],
    ['a throttled Query API', awsError('Throttling'), 'transient'],
    ['a busy table', awsError('ProvisionedThroughputExceededException'), 'transient'],
    ['a scaling activity', awsError('ScalingActivityInProgressFault'), 'transient'],
    ['a request that timed out', Object.assign(new Error('slow'), { name: 'TimeoutError' }), 'transient'],
    ['any 5xx', awsError('SomethingNew', 503), 'transient'],
    ['any 429', awsError('SomethingNew', 429), 'transient'],
    ['a reset connection', nodeError('ECONNRESET'), 'transient'],
    ['a name that does not resolve yet', nodeError('EAI_AGAIN'), 'transient'],
    ['a refused permission', awsError('AccessDenied', 403), 'permanent'],
    ['a wrong request', awsError('ValidationError'), 'permanent'],
    ['an error of ours', new HoldfastError('verdict'), 'permanent'],
    ['a fault of the program', new TypeError('x is undefined'), 'permanent'],
    ['a thrown text', 'no', 'permanent'],
    ['nothing', null, 'permanent'],
  ])('takes %s for %s', (_, error, expected) => {
    expect(classifyAwsError(error)).toBe(expected);
  });
});
