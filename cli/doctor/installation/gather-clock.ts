import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { lookUp, NotFound } from '../lookup.ts';
import type { InstallationLookups } from './installation-facts.ts';

/** This machine's clock minus AWS's, by the Date header of a response, which has a resolution of one second. */
export function gatherClock(sts: STSClient, now: () => number): Promise<InstallationLookups['clockSkewMs']> {
  const about = { what: "AWS's clock", resource: 'clock', action: 'sts:GetCallerIdentity', named: true };
  return lookUp(about, async () => {
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
    if (Number.isNaN(theirsMs)) throw new NotFound();
    return middleMs - theirsMs;
  });
}
