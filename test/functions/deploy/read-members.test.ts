import { expect, it } from 'vitest';
import { membersText } from '../../../functions/deploy/contract/environment.ts';
import { readMembers } from '../../../functions/deploy/ports-from-environment.ts';

const read = (text: string) => readMembers({ HOLDFAST_MEMBERS: text });

it('gives no list for a fleet of an Auto Scaling group', () => {
  expect(readMembers({})).toBeUndefined();
  expect(read('')).toBeUndefined();
});

it('gives instances, and addresses with their nodes', () => {
  const members = [
    { instanceId: 'i-1' },
    { instanceId: 'mi-2', target: { id: '10.0.0.1', port: 80, availabilityZone: 'all' } },
    { instanceId: 'mi-3', target: { id: '10.0.0.2', port: 8080 } },
  ];
  expect(membersText(members)).toBe('i-1 mi-2=10.0.0.1:80/all mi-3=10.0.0.2:8080');
  expect(read(membersText(members))).toEqual(members);
});

it.each(['{', '["i-1"]', 'i-1,i-2', 'i-1  i-2', 'i-1=10.0.0.1', 'i-1=10.0.0.1:80/', 'server-1'])('refuses %s', (text) => {
  expect(() => read(text)).toThrow(/^HOLDFAST_MEMBERS is not a valid list of members: /);
});
