import type { LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it } from 'vitest';
import { invokeFunction } from '../../../../functions/shared/aws/invoke-function.ts';
import { fakeClient } from '../../fakes/fake-client.ts';

const answering = (body: string, FunctionError?: string, seen: unknown[] = []): LambdaClient =>
  fakeClient((operation, input) => {
    seen.push([operation, input]);
    return { Payload: Buffer.from(body), FunctionError };
  });

it('calls the alias, and gives the answer', async () => {
  const seen: unknown[] = [];
  const client = answering('{"state":"reached"}', undefined, seen);
  expect(await invokeFunction(client, 'holdfast-web-store-witness:live', { step: 'witness' })).toEqual({ state: 'reached' });
  expect(seen).toEqual([['Invoke', { FunctionName: 'holdfast-web-store-witness:live', Payload: '{"step":"witness"}' }]]);
});

it('throws what the function threw by its name alone, and where Lambda refuses the call its own error', async () => {
  const threw = invokeFunction(answering('{"errorType":"Sandbox.Timedout","errorMessage":"a secret"}', 'Unhandled'), 'one:live', {});
  await expect(threw).rejects.toThrow(/^one:live failed: Sandbox.Timedout$/);
  await expect(invokeFunction(answering('null'), 'one:live', {})).rejects.toThrow('no answer');
  const refused = new Error('it is not authorized');
  const refusing = fakeClient<LambdaClient>(() => Promise.reject(refused));
  await expect(invokeFunction(refusing, 'one:live', {})).rejects.toBe(refused);
});
