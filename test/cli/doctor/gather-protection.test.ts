import { describe, expect, it } from 'vitest';
import type { Clients } from '../../../cli/doctor/clients.ts';
import { gatherProtection } from '../../../cli/doctor/gather-records.ts';
import { CERTIFICATE, subjectOf } from './healthy-fleet.ts';

/** Clients that answer every call with `answer`, or throw it. */
function clients(stack: unknown, table: unknown) {
  const calls: string[] = [];
  const of = (answer: unknown) => ({
    send: async (command: { constructor: { name: string } }) => {
      calls.push(command.constructor.name);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { calls, clients: { cloudFormation: of(stack), dynamoDb: of(table) } as unknown as Clients };
}
const named = (name: string) => Object.assign(new Error('does not exist'), { name });

describe('what doctor reads of the protection', () => {
  it('is what the last stack and the table have', async () => {
    const { clients: on } = clients({ Stacks: [{ EnableTerminationProtection: true }] }, { Table: { DeletionProtectionEnabled: true } });
    const { clients: off } = clients({ Stacks: [{}] }, { Table: {} });
    const values = async (of: Clients) => Object.values(await gatherProtection(of, subjectOf())).map((one) => 'value' in one && one.value);
    expect([await values(on), await values(off)]).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('is missing before the last stack and the table exist', async () => {
    const { clients: none } = clients(named('ValidationError'), named('ResourceNotFoundException'));
    const { terminationProtection, tableProtection } = await gatherProtection(none, subjectOf());
    expect([terminationProtection, tableProtection]).toMatchObject([
      { state: 'absent', subject: { what: 'stack holdfast-termination-protection' } },
      { state: 'absent', subject: { what: 'table holdfast-records' } },
    ]);
  });

  it('is not read for an ephemeral installation', async () => {
    const { clients: any, calls } = clients({}, {});
    const subject = subjectOf({ certificateArn: CERTIFICATE }, { retention: 'ephemeral' });
    expect(Object.values(await gatherProtection(any, subject))).toEqual([{ state: 'skipped' }, { state: 'skipped' }]);
    expect([calls, subject.protection]).toEqual([[], undefined]);
  });
});
