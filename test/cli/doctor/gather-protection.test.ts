import { describe, expect, it } from 'vitest';
import type { Clients } from '../../../cli/doctor/clients.ts';
import { gatherProtection } from '../../../cli/doctor/gather-records.ts';
import { CERTIFICATE, subjectOf } from './healthy-fleet.ts';

/** A client that answers every call with `answer`, or throws it. */
function client(answer: unknown) {
  const calls: string[] = [];
  const send = async (command: { constructor: { name: string } }) => {
    calls.push(command.constructor.name);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { calls, cloudFormation: { send } as unknown as Clients['cloudFormation'] };
}

describe('what doctor reads of the termination protection', () => {
  it('is what the last stack has', async () => {
    const read = (stack: object) => gatherProtection(client({ Stacks: [stack] }).cloudFormation, subjectOf());
    expect(await read({ EnableTerminationProtection: true })).toEqual({ state: 'known', value: true });
    expect(await read({})).toEqual({ state: 'known', value: false });
  });

  it('is missing before the last stack exists', async () => {
    const none = client(Object.assign(new Error('does not exist'), { name: 'ValidationError' }));
    expect(await gatherProtection(none.cloudFormation, subjectOf())).toMatchObject({
      state: 'absent',
      subject: { what: 'stack holdfast-termination-protection' },
    });
  });

  it('is not read for an ephemeral installation', async () => {
    const { cloudFormation, calls } = client({});
    const subject = subjectOf({ certificateArn: CERTIFICATE }, { retention: 'ephemeral' });
    expect(await gatherProtection(cloudFormation, subject)).toEqual({ state: 'skipped' });
    expect([calls, subject.lastStackName]).toEqual([[], undefined]);
  });
});
