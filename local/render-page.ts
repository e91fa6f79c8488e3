/** The local cloud's page, as HTML. Pure. */
import type { CloudState } from './cloud-state.ts';

export interface PageContent {
  readonly state: Omit<CloudState, 'token'>;
  readonly listeners: readonly {
    readonly loadBalancerName: string;
    readonly protocol: string;
    readonly port: number;
    readonly address?: { readonly port: number };
  }[];
  readonly machines: readonly {
    readonly instanceId: string;
    readonly state: string;
    readonly online: boolean;
    readonly privateIp: string;
    readonly port: number;
    readonly services: Readonly<Record<string, string>>;
  }[];
  readonly notEmulated: readonly { readonly name: string; readonly lines: readonly string[] }[];
}

const escape = (text: unknown): string => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const row = (cells: readonly unknown[], tag = 'td'): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
const code = (text: string): string => `<pre tabindex="0">${escape(text)}</pre>`;

export function renderPage({ state, listeners, machines, notEmulated }: PageContent): string {
  const front = state.loadBalancerUrl;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Holdfast, local cloud</title>
<style>${STYLE}</style></head><body><main>
<h1>Holdfast, local cloud</h1>
<p>Account 000000000000, ${escape(state.region)}, fleet <b>${escape(state.fleet)}</b>. Everything listens on loopback only.</p>
<h2>Where everything is</h2>
<table><tbody>
<tr><th scope="row">Load balancer</th><td>${front ? `<a href="${escape(front)}">${escape(front)}</a> (certificate signed by the local root)` : 'not deployed yet'}</td></tr>
<tr><th scope="row">AWS endpoint</th><td>${escape(state.gatewayUrl)}</td></tr>
<tr><th scope="row">Local root certificate</th><td>${escape(state.caFile)}</td></tr>
<tr><th scope="row">Logs</th><td>${escape(state.runFolder)}</td></tr>
</tbody></table>
<h2>Run another deploy</h2>
${code('npx holdfast releases publish 1.2.0 PATH   # a folder with holdfast.app.json, or a .tar.gz of one\nnpx holdfast deploy 1.2.0 --wait\nnpx holdfast status')}
<p>Any AWS client can look:</p>
${code(`AWS_ENDPOINT_URL=${state.gatewayUrl} AWS_REGION=${state.region} AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=local \\\n  aws elbv2 describe-target-groups`)}
<h2>Listeners</h2>
<table><thead>${row(['Load balancer', 'Protocol', 'Port', 'Here'], 'th')}</thead><tbody>${listeners.map((l) => row([l.loadBalancerName, l.protocol, l.port, l.address ? `127.0.0.1:${l.address.port}` : 'closed'])).join('')}</tbody></table>
<h2>Servers</h2>
<table><thead>${row(['Instance', 'State', 'Agent', 'Private address', 'Here', 'Services'], 'th')}</thead><tbody>${machines
    .map((m) =>
      row([
        m.instanceId,
        m.state,
        m.online ? 'online' : 'offline',
        m.privateIp,
        `127.0.0.1:${m.port}`,
        Object.entries(m.services)
          .map(([name, s]) => `${name}: ${s}`)
          .join(', '),
      ]),
    )
    .join('')}</tbody></table>
<h2>What is not emulated</h2>
${notEmulated.map(({ name, lines }) => `<details><summary>${escape(name)}</summary><ul>${lines.map((line) => `<li>${escape(line)}</li>`).join('')}</ul></details>`).join('\n')}
</main></body></html>`;
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem}
main{max-width:60rem;margin:auto}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%;display:block;overflow-x:auto}
th,td{text-align:left;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.8rem;overflow-x:auto;font-size:.9rem}
details{margin:.3rem 0}summary{cursor:pointer}`;
