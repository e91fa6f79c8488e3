/** Two kinds of servers that ran before Holdfast, and their bundles: the Tomcat of a distribution with two WARs, and Node. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { ensureJava, ensureMavenOutput } from '../../../../setup/java.mjs';
import { REPOSITORY } from '../../../processes/run-cdk.ts';
import { HEAD, tomcatServer, unit } from '../../shop/servers.ts';
import type { Scripts } from '../../shop/shop-template.ts';
import type { BundleFleetName } from './judge-bundles.ts';
import { asInstalled, type BundleKind } from './make-bundle.ts';

const run = promisify(execFile);
const LIMIT = { timeout: 60_000 };

/** The Node example with its sessions in memory. */
export const nodeKind: BundleKind = {
  name: 'node',
  service: 'shop-node',
  files: [{ source: 'app', destination: '/shop/app' }],
  livePaths: ['/live'],
  async build(folder, version, { isNeverReady }) {
    const out = path.join(folder, 'app');
    await run(
      process.execPath,
      [path.join(REPOSITORY, 'examples/node-app/build.mjs'), '--version', version, '--out', out, '--sessions', 'memory'],
      LIMIT,
    );
    // Holdfast's own, which no bundle has.
    rmSync(path.join(out, 'holdfast.app.json'));
    if (!isNeverReady) return;
    renameSync(path.join(out, 'server.mjs'), path.join(out, 'app.mjs'));
    writeFileSync(path.join(out, 'server.mjs'), "process.env.SESSION_STORE_PORT = '1';\nawait import('./app.mjs');\n");
  },
};

/** The Tomcat example as two WARs, whose sessions Redisson keeps in the store. */
export const tomcatKind: BundleKind = {
  name: 'tomcat',
  service: 'tomcat10',
  files: ['shop', 'admin'].map((name) => ({ source: `webapps/${name}.war`, destination: '/shop/webapps' })),
  livePaths: ['/shop/live', '/admin/live'],
  async build(folder, version, { isNeverReady }) {
    const content = path.join(folder, 'content');
    const webapps = path.join(folder, 'webapps');
    cpSync(path.join(REPOSITORY, 'examples/tomcat-app/webapp'), content, { recursive: true });
    mkdirSync(webapps);
    edit(path.join(content, 'WEB-INF/web.xml'), (text) => text.replace('@VERSION@', version));
    if (isNeverReady) edit(path.join(content, 'WEB-INF/pages/health.jsp'), (text) => `${text}<% response.setStatus(503); %>`);
    const war = path.join(webapps, 'shop.war');
    await run(path.join(ensureJava().home, 'bin/jar'), ['--create', '--no-manifest', '--file', war, '-C', content, '.'], LIMIT);
    cpSync(war, path.join(webapps, 'admin.war'));
    rmSync(content, { recursive: true });
  },
};

const edit = (file: string, change: (text: string) => string): void => writeFileSync(file, change(readFileSync(file, 'utf8')));

/** The store's address and the password of its user, as the shop's own scripts read them. */
const SETTINGS = {
  'Fn::Sub':
    "#!/bin/bash\nsecret='$" +
    "{Secret}'\nstore_host='$" +
    "{Store.PrimaryEndPoint.Address}'\nstore_port='$" +
    "{Store.PrimaryEndPoint.Port}'\n",
};
const STORE = `echo "\${HOLDFAST_LOCAL_PORT:-8080}" >"$root/port"
password="$(aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["password"])')"
umask 077
`;

const nodeScript = (bundle: string): string => `${HEAD}${STORE}cat >"$root/shop.env" <<SHOP
PORT="\${HOLDFAST_LOCAL_PORT:-8080}"
HOST="\${HOLDFAST_LOCAL_HOST:-}"
NODE_EXTRA_CA_CERTS="\${HOLDFAST_LOCAL_CA:-}"
COUNTER_SESSIONS="memory"
SESSION_STORE_HOST="$store_host"
SESSION_STORE_PORT="$store_port"
SESSION_STORE_TLS="true"
SESSION_STORE_USER="shop"
SESSION_STORE_PASSWORD="$password"
SHOP
${asInstalled(nodeKind, bundle)}${unit('shop-node', '/usr/bin/env node app/server.mjs', 'EnvironmentFile=$root/shop.env\nTimeoutStopSec=30\n')}`;

/** As docs of Redisson have it; nothing of Holdfast's. The local root of certificates is not among Java's. */
const tomcatScript = (bundle: string, output: string): string =>
  tomcatServer(
    path.join(output, 'tomcat'),
    `${STORE}mkdir -p "$root/lib"
ln -s '${output}'/libraries/*.jar "$root/lib/"
cp '${output}/tomcat/conf/catalina.properties' "$root/conf/"
cat >"$root/conf/context.xml" <<'XML'
<Context><Manager className="org.redisson.tomcat.RedissonSessionManager" configPath="\${catalina.base}/conf/redisson.yaml"
  keyPrefix="sess:shop" readMode="REDIS" updateMode="DEFAULT" broadcastSessionEvents="true"/></Context>
XML
cat >"$root/conf/redisson.yaml" <<YAML
codec: !<org.redisson.codec.SerializationCodec> {}
singleServerConfig:
  address: "rediss://$store_host:$store_port"
  username: "shop"
  password: "$password"
  sslVerificationMode: NONE
  connectionMinimumIdleSize: 4
  connectionPoolSize: 8
  subscriptionConnectionMinimumIdleSize: 1
  subscriptionConnectionPoolSize: 2
threads: 2
nettyThreads: 2
YAML
${asInstalled(tomcatKind, bundle)}`,
    '-Xmx160m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  );

/** @param bundles the folders of what runs on the servers, by kind: of another one there are none */
export async function shopScripts({ node, tomcat }: Readonly<Partial<Record<BundleFleetName, string>>>): Promise<Scripts> {
  const joined = (script: string) => ({ 'Fn::Join': ['', [SETTINGS, script]] });
  return {
    ...(node !== undefined && { node: joined(nodeScript(node)) }),
    ...(tomcat !== undefined && { tomcat: joined(tomcatScript(tomcat, await ensureMavenOutput('tomcat-app'))) }),
  };
}
