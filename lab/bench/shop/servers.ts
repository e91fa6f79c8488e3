/** How the shop's servers start what they serve: user data with a service of systemd each. */

/** The local cloud's machine has a port, a folder as HOME, and root certificates of its own. */
export const unit = (name: string, start: string, settings = '') => `cat >"$root/${name}.service" <<UNIT
[Unit]
Description=The shop
[Service]
WorkingDirectory=$root
${settings}ExecStart=${start}
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
UNIT
systemctl link "$root/${name}.service"
systemctl enable --now ${name}.service
`;

export const HEAD = `#!/bin/bash
set -euo pipefail
root="$HOME/shop"
mkdir -p "$root"
`;

/** Keeps a connection to the session store. A text of Fn::Sub, in which the store is named. */
export const nodeServer = `${HEAD}
cat >"$root/server.mjs" <<'SERVER'
import http from 'node:http';
import tls from 'node:tls';
http.createServer((_, answer) => answer.end('shop')).listen(Number(process.env.HOLDFAST_LOCAL_PORT ?? 8080), '127.0.0.1');
const connect = () => tls.connect({ host: '\${Store.PrimaryEndPoint.Address}', port: Number('\${Store.PrimaryEndPoint.Port}'), rejectUnauthorized: false })
  .on('error', () => {}).on('close', () => setTimeout(connect, 1000));
connect();
SERVER
${unit('shop-node', '/usr/bin/env node server.mjs')}`;

/**
 * A Tomcat as its own scripts start it, with a page for the health check.
 * @param before the start, what is in its folder besides
 */
export const tomcatServer = (home: string, before = '', options = '-Xmx64m'): string => `${HEAD}
mkdir -p "$root/conf" "$root/webapps/ROOT" "$root/temp" "$root/logs" "$root/work"
echo ok >"$root/webapps/ROOT/live"
cat >"$root/conf/server.xml" <<XML
<Server port="-1"><Service name="Catalina">
  <Connector port="\${HOLDFAST_LOCAL_PORT:-8080}" address="127.0.0.1" protocol="HTTP/1.1"/>
  <Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>
</Service></Server>
XML
cp '${home}/conf/web.xml' "$root/conf/web.xml"
${before}${unit(
  'tomcat10',
  `/usr/bin/env java ${options} -Dcatalina.home=${home} -Dcatalina.base=$root -Djava.io.tmpdir=$root/temp -cp ${home}/bin/bootstrap.jar:${home}/bin/tomcat-juli.jar org.apache.catalina.startup.Bootstrap start`,
)}`;
