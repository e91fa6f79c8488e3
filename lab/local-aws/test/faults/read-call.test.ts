import { expect, it } from 'vitest';
import { readCall } from '../../faults/read-call.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

it.each<[string, Partial<Parameters<typeof readCall>[0]> & { text?: string }, string, string[]]>([
  [
    'JSON by its target',
    { headers: { 'x-amz-target': 'AmazonSSM.SendCommand' }, text: '{"InstanceIds":["i-1"],"Parameters":{"a":["b"]}}' },
    'SendCommand',
    ['/', 'i-1', 'b'],
  ],
  [
    'JSON that is broken, by its target all the same',
    { headers: { 'x-amz-target': 'AmazonSSM.SendCommand' }, text: '{' },
    'SendCommand',
    ['/'],
  ],
  [
    'Query by its form',
    { headers: FORM, text: 'Action=DescribeTargetHealth&TargetGroupArn=arn%3Ax&Version=1' },
    'DescribeTargetHealth',
    ['/', 'arn:x'],
  ],
  [
    'CBOR by its path',
    { url: '/service/GraniteServiceVersion20100801/operation/PutMetricData' },
    'PutMetricData',
    ['/service/GraniteServiceVersion20100801/operation/PutMetricData'],
  ],
  [
    'an object that is read',
    { service: 's3', method: 'GET', url: '/releases/web/1%2B0/a.tar?x-id=GetObject' },
    'GetObject',
    ['/releases/web/1+0/a.tar'],
  ],
  ['an object that is written', { service: 's3', method: 'PUT', url: '/releases/a.tar' }, 'PutObject', ['/releases/a.tar']],
  ['a list of objects', { service: 's3', method: 'GET', url: '/releases?list-type=2' }, 'GET', ['/releases']],
  ['a subresource of an object', { service: 's3', method: 'GET', url: '/releases/a?tagging' }, 'GET', ['/releases/a']],
  ['an invocation', { service: 'lambda', url: '/2015-03-31/functions/f/invocations' }, 'Invoke', ['/2015-03-31/functions/f/invocations']],
  [
    'another REST call',
    { service: 'scheduler', url: '/schedules/x', text: '{"Target":{"Arn":"arn:y"}}' },
    'POST /schedules/x',
    ['/schedules/x', 'arn:y'],
  ],
])('reads %s', (_, { text = '', ...parts }, action, texts) => {
  const call = readCall({ service: 'any', method: 'POST', url: '/', headers: {}, body: Buffer.from(text), ...parts });
  expect(call).toMatchObject({ action, texts });
});
