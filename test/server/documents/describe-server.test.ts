/** What the script of `init --existing` reads of a real process at a port, and what it leaves alone. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentOf, pythonStep } from '../../../server/documents/document-content.ts';
import { joinPython } from '../../../server/documents/join-python.ts';
import { until } from '../../until.ts';
import { writeZip } from '../../zip.ts';
import { runStep } from './run-step.ts';
import { runPython } from './warm-python.ts';

/** Listens, and keeps a connection to each port of its variable. */
const SERVER = `const net = require('node:net');
const server = net.createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
for (const port of process.env.STORES.split(',').filter(Boolean)) net.connect(Number(port), '127.0.0.1').on('error', () => {});`;

let folder: string;
let store: Server;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast describe '));
  for (const name of ['bin', 'work', 'jdk/bin', 'tomcat/lib']) mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, 'jdk/release'), 'IMPLEMENTOR="x"\nJAVA_VERSION="17.0.11"\n');
  const java = path.join(folder, 'jdk/bin/java');
  try {
    linkSync(process.execPath, java);
  } catch {
    copyFileSync(process.execPath, java);
  }
  await writeZip(path.join(folder, 'tomcat/lib/catalina.jar'), {
    'org/apache/catalina/util/ServerInfo.properties': 'server.info=Apache Tomcat/10.1.24\nserver.number=10.1.24.0\n',
  });
  // Tomcat's own, one of two versions, one below a path, and what is none.
  for (const name of ['webapps/ROOT', 'webapps/docs', 'webapps/shop##1', 'webapps/shop#admin', 'webapps/.git', 'conf/Catalina/localhost'])
    mkdirSync(path.join(folder, 'base', name), { recursive: true });
  for (const name of ['manager', 'elsewhere'])
    writeFileSync(path.join(folder, 'base/conf/Catalina/localhost', `${name}.xml`), '<Context/>');
  for (const name of ['ROOT/RELEASE-NOTES.txt', 'shop##2.war', 'notes.txt']) writeFileSync(path.join(folder, 'base/webapps', name), '');
  writeFileSync(path.join(folder, 'bin/aws'), '#!/bin/sh\n', { mode: 0o755 });
  store = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(store, 'listening');
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  store?.close();
  rmSync(folder, { recursive: true, force: true });
});

const storePort = () => (store.address() as AddressInfo).port;

async function start(program: string, stores: string, ...args: string[]): Promise<{ port: number; pid: number }> {
  const child = spawn(program, ['-e', SERVER, '--', ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { STORES: stores } });
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  return { port: Number(line), pid: child.pid as number };
}

/** As systemd answers to the id of a process. */
function unitsAre(units: Readonly<Record<number, string>>): void {
  const lines = Object.entries(units).map(([pid, unit]) => `*" ${pid}") echo "● ${unit} - The shop";;`);
  const file = path.join(folder, 'bin/systemctl');
  writeFileSync(
    file,
    `#!/bin/sh\ncase "$*" in\n${lines.join('\n')}\n*) echo "Failed to get unit for PID: does not belong to any loaded unit."; exit 1;;\nesac\n`,
  );
  chmodSync(file, 0o755);
}

async function describe(port: number, endpoints: readonly string[] = []): Promise<Record<string, unknown>> {
  const content = documentOf('', {}, pythonStep('describe', 60, 'describe_server'));
  const environment = {
    PATH: `${path.join(folder, 'bin')}:${process.env['PATH']}`,
    SSM_port: String(port),
    SSM_endpoints: endpoints.join(' '),
  };
  const { code, stdout } = await runStep(content, 'describe', path.join(folder, 'work'), environment);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

it('reads the service, the Java, the Tomcat and the store of what listens, and prints no other argument', async () => {
  const home = path.join(folder, 'tomcat');
  const base = `-Dcatalina.base=${path.join(folder, 'base')}`;
  const flags = ['-Xmx2g', '-XX:+UseG1GC', '-XX:OnOutOfMemoryError=sh hunter2', '-Djava.io.tmpdir=/tmp'];
  const secrets = [...flags, '-Ddb.password=hunter2', `-Dcatalina.home=${home}`, base, 'org.apache.catalina.startup.Bootstrap', 'start'];
  const { port, pid } = await start(path.join(folder, 'jdk/bin/java'), String(storePort()), ...secrets);
  unitsAre({ [pid]: 'tomcat9.service' });
  const read = await until(async () => {
    const found = await describe(port, [`127.0.0.1:${storePort()}`]);
    return found['connected'] ? found : undefined;
  }, 'the connection');
  expect(read).toEqual({
    units: ['tomcat9.service'],
    programs: ['java'],
    java: { home: path.join(folder, 'jdk'), version: 17 },
    tomcat: {
      ...{ home, version: '10.1.24.0', applications: ['elsewhere', 'shop', 'shop#admin'] },
      ...{ flags: ['-Xmx2g', '-XX:+UseG1GC'], properties: ['db.password'] },
    },
    processes: 0,
    // A temporary folder is its owner's alone.
    closed: [path.join(folder, 'jdk/bin/java'), path.join(home, 'lib/catalina.jar')],
    connected: true,
    others: [],
    aws: true,
  });
  expect(JSON.stringify(read)).not.toContain('hunter2');
});

/** A Java of the name that a distribution gives it, with a link that an update keeps. */
async function startJava(name: string, ...args: string[]) {
  const home = path.join(folder, 'jvm', name);
  mkdirSync(path.join(home, 'bin'), { recursive: true });
  copyFileSync(path.join(folder, 'jdk/release'), path.join(home, 'release'));
  linkSync(path.join(folder, 'jdk/bin/java'), path.join(home, 'bin/java'));
  const { port, pid } = await start(path.join(home, 'bin/java'), '', ...args);
  unitsAre({ [pid]: 'tomcat.service' });
  return { home, port };
}

it('names a Java so that an update of it stays found: not where PATH has it, else by its link, else by its folder', async () => {
  const { home, port } = await startJava('java-17-openjdk-17.0.11.0.9-2.el9.x86_64');
  expect((await describe(port))['java']).toEqual({ home, version: 17 });
  symlinkSync(home, path.join(folder, 'jvm/java'));
  symlinkSync(home, path.join(folder, 'jvm/java-17-openjdk'));
  expect((await describe(port))['java']).toEqual({ home: path.join(folder, 'jvm/java-17-openjdk'), version: 17 });
  symlinkSync(path.join(home, 'bin/java'), path.join(folder, 'bin/java'));
  expect((await describe(port))['java']).toEqual({ home: null, version: 17 });
  rmSync(path.join(folder, 'bin/java'));
});

it('ends, and shows no version, where files are FIFOs or unpack to more than memory has', async () => {
  const lib = path.join(folder, 'hostile/lib');
  mkdirSync(lib, { recursive: true });
  const hostile = [`-Dcatalina.home=${path.join(folder, 'hostile')}`, 'org.apache.catalina.startup.Bootstrap'];
  const { home, port } = await startJava('java-17', ...hostile);
  const makeFifo = (file: string) => execFileSync('python3', ['-c', 'import os, sys; os.mkfifo(sys.argv[1])', file]);
  makeFifo(path.join(lib, 'catalina.jar'));
  rmSync(path.join(home, 'release'));
  makeFifo(path.join(home, 'release'));
  expect(await describe(port)).toMatchObject({ java: { home, version: null }, tomcat: { version: null, applications: [] } });
  rmSync(path.join(lib, 'catalina.jar'));
  const bomb = `server.number=10.1.24.0\n${'0'.repeat(64 * 1024 * 1024)}`;
  await writeZip(path.join(lib, 'catalina.jar'), { 'org/apache/catalina/util/ServerInfo.properties': bomb });
  expect(await describe(port)).toMatchObject({ tomcat: { version: '10.1.24.0' } });
  writeFileSync(path.join(lib, 'catalina.jar'), 'PK');
  expect(await describe(port)).toMatchObject({ tomcat: { version: null } });
});

it('shows a process without a service, and no Tomcat in an application of its own', async () => {
  const { port } = await start(process.execPath, '');
  unitsAre({});
  expect(await describe(port, ['no-such-host.invalid:6379'])).toMatchObject({
    units: ['none'],
    programs: ['node'],
    java: null,
    tomcat: null,
    connected: false,
  });
});

it('shows what else its service has, and to whom that is connected: the workers of a Node', async () => {
  const more = `
import json, types
def ss(*words): return 'users:(("node",pid=7,fd=3))' if "-l" in words else 'ESTAB 0 0 10.0.0.1:4 10.0.0.5:6379 users:(("node",pid=8,fd=3))'
def systemctl(verb, *_): return types.SimpleNamespace(stdout="/system.slice/shop.service\\n" if verb == "show" else "x shop.service - The shop")
def text_of(path): return "7\\n8\\n9\\n" if path == "/sys/fs/cgroup/system.slice/shop.service/cgroup.procs" else ""
print(json.dumps(describe_server(8080, ["10.0.0.5:6379"])))
`;
  const script = joinPython('describe_server').replace(/\nmain\(\)\n$/, '');
  const { stdout, stderr } = await runPython({ script, more, limitSeconds: 100 });
  expect(JSON.parse(stdout || stderr)).toMatchObject({ units: ['shop.service'], processes: 2, connected: true, others: [] });
});

it('takes the welcome page of Debian for none, and one that a team put there for an application', async () => {
  const base = path.join(folder, 'debian');
  const page = path.join(base, 'webapps/ROOT/index.html');
  mkdirSync(path.dirname(page), { recursive: true });
  const script = joinPython('describe_server').replace(/\nmain\(\)\n$/, '');
  const applications = async (text: string) => {
    writeFileSync(page, text);
    return (
      await runPython({ script, more: `import json\nprint(json.dumps(applications_in(${JSON.stringify(base)})))`, limitSeconds: 100 })
    ).stdout;
  };
  // Of tomcat10 10.1.60-1~deb12u1, its sentence on the folders.
  const debian = 'installed with <code>CATALINA_HOME</code> in <code>/usr/share/tomcat10</code> and <code>CATALINA_BASE</code> in';
  expect(await applications(debian)).toBe('[]\n');
  expect(await applications('<h1>Our shop</h1>')).toBe('["ROOT"]\n');
  mkdirSync(path.join(base, 'webapps/ROOT/WEB-INF'));
  expect(await applications(debian)).toBe('["ROOT"]\n');
});

it('shows that nothing listens', async () => {
  const { port } = store.address() as AddressInfo;
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port: unused } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  expect(unused).not.toBe(port);
  expect(await describe(unused)).toMatchObject({ units: [], programs: [] });
});
