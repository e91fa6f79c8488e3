/** The Tomcat example as a Tomcat of one's own has its logs: those of AccessLogValve, and a catalina.out. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EXAMPLES } from '../../demo/app/examples.ts';
import type { PrepareExample } from '../../demo/app/local-app.ts';

/** As docs/app-contract.md has it, with the example's cookie. */
const PATTERN = '%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-Agent}i" %{SID}c %S';
const LOGS = { access: { path: 'tomcat/logs/localhost_access_log.*.txt', pattern: PATTERN }, application: 'tomcat/logs/catalina.out' };
/** What catalina.sh does with its output. */
const START =
  'mkdir -p "$HOLDFAST_DATA/tomcat/logs" && exec python3 -I bin/start-tomcat.py >>"$HOLDFAST_DATA/tomcat/logs/catalina.out" 2>&1';
/** In the attribute of an XML element. */
const VALVE = `<Valve className="org.apache.catalina.valves.AccessLogValve" directory="\${catalina.base}/logs"
             prefix="localhost_access_log" suffix=".txt" pattern="${PATTERN.replaceAll('"', '&quot;')}"/>`;
const OWN_VALVE = /<Valve className="holdfast\.SessionRouteValve"[^>]*\/>/;

export const accessLogValveTomcat: PrepareExample = async (settings) => {
  const app = await (EXAMPLES['tomcat'] as PrepareExample)(settings);
  return {
    ...app,
    async build(build) {
      const folder = await app.build(build);
      await rewrite(path.join(folder, 'conf', 'server.xml'), (text) => {
        if (!OWN_VALVE.test(text)) throw new Error("the release's server.xml has no SessionRouteValve to replace");
        return text.replace(OWN_VALVE, () => VALVE);
      });
      await rewrite(path.join(folder, 'holdfast.app.json'), (text) => {
        const contract = { ...(JSON.parse(text) as object), start: ['sh', '-c', START], logs: LOGS };
        return `${JSON.stringify(contract, undefined, 2)}\n`;
      });
      return folder;
    },
  };
};

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')));
}
