import { expect, it } from 'vitest';
import { invokeFunction } from '../../../../../functions/shared/aws/signed/invoke-function.ts';
import type { CallSigned, SignedCall } from '../../../../../functions/shared/aws/signed/signed-calls.ts';

const answering =
  (body: string, seen: SignedCall[] = []): CallSigned =>
  async (call) => {
    seen.push(call);
    return body;
  };

it('calls the alias, and gives the answer', async () => {
  const seen: SignedCall[] = [];
  expect(await invokeFunction(answering('{"state":"reached"}', seen), 'holdfast-web-store-witness:live', { step: 'witness' })).toEqual({
    state: 'reached',
  });
  expect(seen).toEqual([
    expect.objectContaining({
      path: '/2015-03-31/functions/holdfast-web-store-witness%3Alive/invocations',
      body: '{"step":"witness"}',
    }),
  ]);
});

it('throws what the function threw by its name alone, and where Lambda refuses the call its own error', async () => {
  const threw = invokeFunction(answering('{"errorType":"Sandbox.Timedout","errorMessage":"a secret"}'), 'one:live', {});
  await expect(threw).rejects.toThrow(/^one:live failed: Sandbox.Timedout$/);
  await expect(invokeFunction(answering('null'), 'one:live', {})).rejects.toThrow('no answer');
  const refusing: CallSigned = async (_, readError) => {
    throw readError({
      status: 403,
      headers: { 'x-amzn-errortype': 'AccessDeniedException:http://internal.amazon.com/' },
      body: '{"Message":"it is not authorized"}',
    });
  };
  await expect(invokeFunction(refusing, 'one:live', {})).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: 'it is not authorized',
  });
});
