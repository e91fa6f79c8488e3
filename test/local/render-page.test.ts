import { describe, expect, it } from 'vitest';
import { type PageContent, renderPage } from '../../local/render-page.ts';

const CONTENT: PageContent = {
  state: {
    pid: 1,
    runFolder: '/checkout/.holdfast/run/r1',
    gatewayUrl: 'http://127.0.0.1:25650',
    pageUrl: 'http://127.0.0.1:43981/',
    region: 'us-east-1',
    installation: 'holdfast',
    fleet: 'web',
    caFile: '/checkout/.holdfast/tls/ca.pem',
    startedAtMs: 1,
    loadBalancerUrl: 'https://localhost:42295',
  },
  listeners: [
    {
      loadBalancerName: 'holdfast-web',
      protocol: 'HTTPS',
      port: 443,
      address: { port: 42295 },
      targetGroups: [{ targets: [{ id: 'i-1', state: 'draining', inFlight: 2 }] }],
    },
    { loadBalancerName: 'holdfast-web', protocol: 'HTTP', port: 80, targetGroups: [] },
  ],
  storeNodes: [{ nodeId: 'holdfast-sessions-001', role: 'primary', pid: 4711, endpointPort: 6380 }],
  machines: [
    { instanceId: 'i-1', state: 'running', online: true, privateIp: '10.0.1.1', port: 20_001, services: { holdfast: 'active' } },
    { instanceId: 'i-2', state: 'running', online: false, privateIp: '10.0.1.2', port: 20_002, services: {} },
  ],
  notEmulated: [{ name: 'ssm', lines: ['No Automation.'] }],
};

/** Cells of the table rows that hold `text`. */
const cellsOf = (html: string, text: string): string[] =>
  [...(html.split('<tr>').find((part) => part.includes(text)) ?? '').matchAll(/<td>(.*?)<\/td>/g)].map((match) => match[1] as string);

describe('the page', () => {
  const html = renderPage(CONTENT);

  it.each([
    'https://localhost:42295',
    'http://127.0.0.1:25650',
    '/checkout/.holdfast/tls/ca.pem',
    '/checkout/.holdfast/run/r1',
    'us-east-1',
  ])('says where %s is', (place) => expect(html).toContain(place));

  it('shows what the load balancer and the machine say of each server', () => {
    expect(cellsOf(html, 'i-1')).toEqual([
      'i-1',
      'draining, 2 in flight',
      'running',
      'online',
      'holdfast active',
      '10.0.1.1',
      '127.0.0.1:20001',
    ]);
    expect(cellsOf(html, 'i-2').slice(1, 5)).toEqual(['not registered', 'running', 'offline', 'none']);
  });

  it('shows which listeners are open, and what is not emulated', () => {
    expect(cellsOf(html, '443')).toEqual(['holdfast-web', 'HTTPS', '443', '127.0.0.1:42295']);
    expect(cellsOf(html, '<td>80<')).toEqual(['holdfast-web', 'HTTP', '80', 'closed']);
    expect(html).toContain('<summary>ssm</summary><ul><li>No Automation.</li></ul>');
  });

  it('shows where the store answers', () => {
    expect(cellsOf(html, 'holdfast-sessions-001')).toEqual(['holdfast-sessions-001', 'primary', '4711', 'localhost:6380']);
  });

  it('says so when there is nothing yet', () => {
    const empty = renderPage({
      ...CONTENT,
      state: { ...CONTENT.state, loadBalancerUrl: undefined },
      listeners: [],
      machines: [],
      storeNodes: [],
    });
    expect(empty).toContain('<dd>not deployed yet</dd>');
    expect(empty).toContain('<p>none yet: the stacks are not deployed</p>');
  });

  it('shows every text as text', () => {
    const evil = `<script>alert("1")</script>'&`;
    const escaped = '&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;';
    const { state, listeners, machines, storeNodes } = CONTENT;
    const page = renderPage({
      state: { ...state, region: evil, fleet: evil, gatewayUrl: evil, caFile: evil, runFolder: evil, loadBalancerUrl: evil },
      listeners: listeners.map((one) => ({ ...one, loadBalancerName: evil, protocol: evil })),
      storeNodes: storeNodes.map((one) => ({ ...one, nodeId: evil, role: evil })),
      machines: machines.map((one) => ({ ...one, instanceId: evil, state: evil, privateIp: evil, services: { [evil]: evil } })),
      notEmulated: [{ name: evil, lines: [evil] }],
    });
    expect(page).not.toContain('<script');
    expect(page).not.toContain(evil);
    expect(page.split(escaped).length).toBeGreaterThan(20);
  });

  it('needs nothing from elsewhere and runs nothing: its policy allows neither', () => {
    expect(html).not.toMatch(/<script|src=|@import|url\(/);
  });
});
