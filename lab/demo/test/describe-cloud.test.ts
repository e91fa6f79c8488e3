import { describe, expect, it } from 'vitest';
import { CLOUD, CLOUD_CONTENT } from '../../../test/console/shown-cloud.ts';
import { describeCloud } from '../describe-cloud.ts';
import type { CloudView } from '../views/cloud-page.ts';

/** The row of a table that contains `cell`. */
const rowOf = ({ tables }: CloudView, title: string, cell: string) =>
  tables.find((table) => table.title === title)?.rows.find((row) => row.includes(cell));

describe('the local cloud', () => {
  it.each(['https://localhost:42295', 'http://127.0.0.1:25650', '/checkout/.holdfast/tls/ca.pem', '/checkout/.holdfast/run/r1'])(
    'shows %s',
    (place) => expect(CLOUD.places.some(({ text }) => text.startsWith(place))).toBe(true),
  );

  it('shows account, Region and fleet, and the environment for other clients', () => {
    expect(CLOUD).toMatchObject({ account: '000000000000', region: 'us-east-1', fleet: 'web' });
    expect(CLOUD.commands.flatMap(({ lines }) => lines)).toContain(
      'export AWS_ENDPOINT_URL=http://127.0.0.1:25650 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1',
    );
    expect(CLOUD.commands.flatMap(({ lines }) => lines)).toContain(
      'export AWS_SHARED_CREDENTIALS_FILE=/checkout/.holdfast/run/r1/aws-credentials',
    );
  });

  it('shows the target health and the instance state of each server', () => {
    expect(rowOf(CLOUD, 'Servers', 'i-15b59ccc3f1c2bacd')).toEqual([
      'i-15b59ccc3f1c2bacd',
      'draining, 2 in flight',
      'running',
      'online',
      'holdfast-placeholder.service inactive, holdfast-app.service active, holdfast-store-secret.service inactive',
      '10.0.1.1',
      '127.0.0.1:20001',
    ]);
    expect(rowOf(CLOUD, 'Servers', 'i-dd052b0bb68087847')?.slice(1, 5)).toEqual(['not registered', 'running', 'offline', 'none']);
  });

  it('shows the listeners, the store nodes, and what is not emulated', () => {
    expect(rowOf(CLOUD, 'Listeners', '443')).toEqual(['holdfast-web', 'HTTPS', '443', '127.0.0.1:42295']);
    expect(rowOf(CLOUD, 'Listeners', '80')).toEqual(['holdfast-web', 'HTTP', '80', 'closed']);
    expect(rowOf(CLOUD, 'Session store', 'primary')).toEqual(['holdfast-sessions-001', 'primary', '4711', 'localhost:6380']);
    expect(CLOUD.notEmulated).toEqual([{ name: 'ssm', lines: ['No Automation.'] }]);
  });

  it('says so when nothing is deployed yet', () => {
    const empty = describeCloud({
      ...CLOUD_CONTENT,
      state: { ...CLOUD_CONTENT.state, loadBalancerUrl: undefined },
      listeners: [],
      machines: [],
      storeNodes: [],
    });
    expect(empty.places[0]).toEqual({ name: 'Load balancer', text: 'not deployed yet' });
    expect(empty.tables.map(({ rows, ifEmpty }) => [rows.length, ifEmpty])).toEqual([
      [0, 'None yet.'],
      [0, 'None: the stacks are not deployed yet.'],
      [0, 'None: the stacks are not deployed yet.'],
    ]);
  });
});
