/** The endpoints, processes and files of a local cloud, and commands to use it. Pure. */
import type { CloudState } from '../../cli/cloud-state.ts';
import { holdfast } from '../../functions/shared/command-options.ts';
import type { CloudView, Table } from './views/cloud-page.ts';

export interface CloudContent {
  readonly state: Omit<CloudState, 'token' | 'credentials'>;
  readonly listeners: readonly ShownListener[];
  readonly machines: readonly ShownMachine[];
  readonly storeNodes: readonly ShownNode[];
  readonly notEmulated: CloudView['notEmulated'];
}

export interface ShownListener {
  readonly loadBalancerName: string;
  readonly protocol: string;
  readonly port: number;
  readonly address?: { readonly port: number };
  readonly targetGroups: readonly {
    readonly targets: readonly { readonly id: string; readonly state: string; readonly inFlight: number }[];
  }[];
}

export interface ShownMachine {
  readonly instanceId: string;
  readonly state: string;
  readonly online: boolean;
  readonly privateIp: string;
  readonly port: number;
  readonly services: Readonly<Record<string, string>>;
}

export interface ShownNode {
  readonly nodeId: string;
  readonly role: string;
  readonly pid: number | undefined;
  readonly endpointPort: number | undefined;
}

const NOT_DEPLOYED = 'None: the stacks are not deployed yet.';

export function describeCloud({ state, listeners, machines, storeNodes, notEmulated }: CloudContent): CloudView {
  const front = state.loadBalancerUrl;
  return {
    account: state.account,
    region: state.region,
    installation: state.installation,
    fleet: state.fleet,
    places: [
      {
        name: 'Load balancer',
        text: front ? `${front}, with a certificate signed by the local CA` : 'not deployed yet',
        ...(front && { link: front }),
      },
      { name: 'AWS endpoint', text: state.gatewayUrl },
      { name: 'Local CA certificate', text: state.caFile },
      { name: 'Logs', text: state.runFolder },
    ],
    tables: [
      servers(machines, listeners),
      {
        title: 'Session store',
        head: ['Node', 'Role', 'Process ID', 'Local address (TLS)'],
        rows: storeNodes.map(({ nodeId, role, pid, endpointPort }) => [
          nodeId,
          role,
          String(pid ?? 'down'),
          endpointPort ? `localhost:${endpointPort}` : 'closed',
        ]),
        ifEmpty: NOT_DEPLOYED,
      },
      {
        title: 'Listeners',
        head: ['Load balancer', 'Protocol', 'Port', 'Local address'],
        rows: listeners.map(({ loadBalancerName, protocol, port, address }) => [
          loadBalancerName,
          protocol,
          String(port),
          address ? `127.0.0.1:${address.port}` : 'closed',
        ]),
        ifEmpty: NOT_DEPLOYED,
      },
    ],
    commands: [
      {
        title: 'Publish and deploy another release',
        lines: [
          '# PATH is a folder with holdfast.app.json',
          holdfast(`releases publish VERSION PATH --fleet ${state.fleet}`),
          holdfast(`deploy VERSION --fleet ${state.fleet}`),
          holdfast(`status --fleet ${state.fleet}`),
        ],
      },
      {
        title: 'Use any AWS client',
        lines: [
          `export AWS_ENDPOINT_URL=${state.gatewayUrl} AWS_REGION=${state.region} AWS_DEFAULT_REGION=${state.region}`,
          `export AWS_SHARED_CREDENTIALS_FILE=${state.credentialsFile}`,
          'aws elbv2 describe-target-groups',
        ],
      },
    ],
    notEmulated,
  };
}

/** Compares the load balancer's state of each server with the instance's own. */
function servers(machines: readonly ShownMachine[], listeners: readonly ShownListener[]): Table {
  const targets = new Map(
    listeners.flatMap(({ targetGroups }) => targetGroups.flatMap((group) => group.targets)).map((one) => [one.id, one]),
  );
  return {
    title: 'Servers',
    head: ['Instance', 'Target health', 'Instance state', 'SSM agent', 'Services', 'Private IP', 'Local address'],
    rows: machines.map((machine) => {
      const target = targets.get(machine.instanceId);
      const services = Object.entries(machine.services).map(([name, service]) => `${name} ${service}`);
      return [
        machine.instanceId,
        target ? `${target.state}, ${target.inFlight} in flight` : 'not registered',
        machine.state,
        machine.online ? 'online' : 'offline',
        services.join(', ') || 'none',
        machine.privateIp,
        `127.0.0.1:${machine.port}`,
      ];
    }),
    ifEmpty: 'None yet.',
  };
}
