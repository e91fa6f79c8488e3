/** The local cloud's page, as HTML. Pure. */
import type { CloudState } from './cloud-state.ts';

export interface PageContent {
  readonly state: Omit<CloudState, 'token'>;
  readonly listeners: readonly ShownListener[];
  readonly machines: readonly ShownMachine[];
  readonly storeNodes: readonly ShownNode[];
  readonly notEmulated: readonly { readonly name: string; readonly lines: readonly string[] }[];
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

export function renderPage({ state, listeners, machines, storeNodes, notEmulated }: PageContent): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Holdfast, local cloud</title>
<style>${STYLE}</style></head><body><main>
<h1>Holdfast, local cloud</h1>
<p>Account 000000000000, ${escapeHtml(state.region)}, fleet <b>${escapeHtml(state.fleet)}</b>. Everything listens on loopback only. Reload for the state now.</p>
<h2>Where everything is</h2>
${places(state)}
<h2>Servers</h2>
${servers(machines, listeners)}
<h2>Session store</h2>
${table(
  ['Node', 'Role', 'Process', 'Here (TLS)'],
  storeNodes.map((node) => [node.nodeId, node.role, node.pid ?? 'down', node.endpointPort ? `localhost:${node.endpointPort}` : 'closed']),
  'none yet: the stacks are not deployed',
)}
<h2>Listeners</h2>
${table(
  ['Load balancer', 'Protocol', 'Port', 'Here'],
  listeners.map((one) => [one.loadBalancerName, one.protocol, one.port, one.address ? `127.0.0.1:${one.address.port}` : 'closed']),
  'none yet: the stacks are not deployed',
)}
<h2>Run another deploy</h2>
${code(['# a folder with holdfast.app.json, or a .tar.gz of one', 'npx holdfast releases publish 1.2.0 PATH', 'npx holdfast deploy 1.2.0', 'npx holdfast status'])}
<h2>Look with any AWS client</h2>
${code([
  `export AWS_ENDPOINT_URL=${state.gatewayUrl} AWS_REGION=${state.region}`,
  'export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=local',
  'aws elbv2 describe-target-groups',
])}
<h2>What is not emulated</h2>
${notEmulated.map(({ name, lines }) => `<details><summary>${escapeHtml(name)}</summary><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul></details>`).join('\n')}
</main></body></html>`;
}

function places(state: PageContent['state']): string {
  const front = state.loadBalancerUrl;
  const link = front ? `<a href="${escapeHtml(front)}">${escapeHtml(front)}</a>, certificate signed by the local root` : 'not deployed yet';
  const rows: [string, string][] = [
    ['Load balancer', link],
    ['AWS endpoint', escapeHtml(state.gatewayUrl)],
    ['Local root certificate', escapeHtml(state.caFile)],
    ['Logs', escapeHtml(state.runFolder)],
  ];
  return `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`;
}

/** What the load balancer thinks of a server stands beside what its machine says. */
function servers(machines: readonly ShownMachine[], listeners: readonly ShownListener[]): string {
  const targets = new Map(
    listeners.flatMap(({ targetGroups }) => targetGroups.flatMap((group) => group.targets)).map((one) => [one.id, one]),
  );
  const rows = machines.map((machine) => {
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
  });
  return table(['Instance', 'At the load balancer', 'Machine', 'Agent', 'Services', 'Private address', 'Here'], rows, 'none yet');
}

const escapeHtml = (text: unknown): string => String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const row = (cells: readonly unknown[], tag: 'td' | 'th'): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
const code = (lines: readonly string[]): string => `<pre tabindex="0">${lines.map(escapeHtml).join('\n')}</pre>`;

function table(head: readonly string[], rows: readonly (readonly unknown[])[], ifEmpty: string): string {
  if (rows.length === 0) return `<p>${escapeHtml(ifEmpty)}</p>`;
  return `<div class="wide" tabindex="0"><table><thead>${row(head, 'th')}</thead><tbody>${rows.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`;
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--faint:light-dark(#595959,#a6a6a6)}
body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem}
main{max-width:70rem;margin:auto}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:0}
dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;min-width:100%}
th,td{text-align:left;padding:.35rem 1.2rem .35rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--faint);font-weight:400}td{font-variant-numeric:tabular-nums}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.8rem;margin:0;font-size:.9rem;white-space:pre-wrap;overflow-wrap:anywhere}
details{margin:.3rem 0}summary{cursor:pointer}
@media(max-width:36rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}`;
