import { expect, it } from 'vitest';
import { readMembers } from '../../../../functions/deploy/assess/read-members.ts';

const read = (text: string) => readMembers({ HOLDFAST_MEMBERS: text });

it('gives no list for a fleet of an Auto Scaling group', () => {
  expect(readMembers({})).toBeUndefined();
  expect(read('')).toBeUndefined();
});

it('gives instances, and addresses with their nodes', () => {
  const members = [{ instanceId: 'i-1' }, { instanceId: 'mi-2', target: { id: '10.0.0.1', port: 80, availabilityZone: 'all' } }];
  expect(read(JSON.stringify(members))).toEqual(members);
});

it.each(['{', '{"instanceId":"i-1"}', '["i-1"]', '[{"instanceId":"i-1","target":{"id":"10.0.0.1"}}]'])('refuses %s', (text) => {
  expect(() => read(text)).toThrow(/^HOLDFAST_MEMBERS is not a valid list of members: /);
});
