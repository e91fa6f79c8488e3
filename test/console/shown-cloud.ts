import type { ConsoleOptions } from '../../console/server.ts';
import { type CloudContent, describeCloud } from '../../lab/demo/describe-cloud.ts';
import { LOCAL_SCRIPT } from '../../lab/demo/page.ts';
import { type Faults, faultRoutes } from '../../lab/demo/views/fault-routes.ts';

/** As systemd on a server of the local cloud has them. */
const SERVICES = {
  'holdfast-placeholder.service': 'inactive',
  'holdfast-app.service': 'active',
  'holdfast-store-secret.service': 'inactive',
};

export const CLOUD_CONTENT: CloudContent = {
  state: {
    pid: 1,
    runFolder: '/checkout/.holdfast/run/r1',
    gatewayUrl: 'http://127.0.0.1:25650',
    pageUrl: 'http://127.0.0.1:43981/',
    account: '000000000000',
    credentialsFile: '/checkout/.holdfast/run/r1/aws-credentials',
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
      targetGroups: [{ targets: [{ id: 'i-15b59ccc3f1c2bacd', state: 'draining', inFlight: 2 }] }],
    },
    { loadBalancerName: 'holdfast-web', protocol: 'HTTP', port: 80, targetGroups: [] },
  ],
  storeNodes: [{ nodeId: 'holdfast-sessions-001', role: 'primary', pid: 4711, endpointPort: 6380 }],
  machines: [
    { instanceId: 'i-15b59ccc3f1c2bacd', state: 'running', online: true, privateIp: '10.0.1.1', port: 20_001, services: SERVICES },
    { instanceId: 'i-dd052b0bb68087847', state: 'running', online: false, privateIp: '10.0.1.2', port: 20_002, services: {} },
  ],
  notEmulated: [{ name: 'ssm', lines: ['No Automation.'] }],
};

export const CLOUD = describeCloud(CLOUD_CONTENT);

const FAULTS: Faults = {
  list: async () => [
    {
      ...{ name: 'stickiness-off', sentence: 'Switches the stickiness of the target group off.', runbook: 'logged-out' },
      ...{ cause: 'stickiness-off', set: true, restartsServers: true },
    },
    {
      ...{ name: 'bot', sentence: 'A bot requests pages without a cookie.', runbook: 'session-explosion' },
      ...{ cause: 'session-per-request', set: false, restartsServers: false },
    },
  ],
  inject: async () => {},
  clear: async () => ({ cleared: ['stickiness-off'], left: [] }),
};

/** What the console of a local cloud has besides. */
export const LOCAL: NonNullable<ConsoleOptions['more']> = {
  routes: [{ method: 'GET', path: 'cloud', answer: async () => CLOUD }, ...faultRoutes(async () => FAULTS)],
  script: LOCAL_SCRIPT,
};
