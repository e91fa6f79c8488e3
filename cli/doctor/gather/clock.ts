import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Facts } from '../facts.ts';
import { look, NotThere } from '../look.ts';

/** This machine's clock minus AWS's, by the Date of an answer: a second is the best that it can tell. */
export function gatherClock(sts: STSClient, now: () => number): Promise<Facts['clockSkewMs']> {
  const about = { what: "AWS's clock", resource: 'clock', action: 'sts:GetCallerIdentity', named: true };
  return look(about, async () => {
    let date: string | undefined;
    sts.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        date = (result.response as { headers?: Record<string, string> }).headers?.['date'];
        return result;
      },
      { step: 'deserialize', name: 'readDate', override: true },
    );
    const beforeMs = now();
    await sts.send(new GetCallerIdentityCommand({}));
    const middleMs = (beforeMs + now()) / 2;
    const theirsMs = Date.parse(date ?? '');
    if (Number.isNaN(theirsMs)) throw new NotThere();
    return middleMs - theirsMs;
  });
}
