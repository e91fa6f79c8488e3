import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FleetUserDataProps, fleetUserData } from '../../../server/user-data/user-data.ts';

const SYSTEMD_ANALYZE = '/usr/bin/systemd-analyze';

const props: FleetUserDataProps = {
  port: 8080,
  storeHost: 'store.example',
  storePort: 6379,
  storeTls: true,
  storeUser: 'application',
  storeSecretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:store-AbCdEf',
  region: 'eu-west-1',
  runtimePackages: ['nodejs24'],
  placeholder: { installation: 'holdfast', fleetName: 'web', healthPath: '/live' },
};

describe('fleetUserData', () => {
  it('is a bash script', () => {
    expect(fleetUserData(props).startsWith('#!/bin/bash\nset -euo pipefail\n')).toBe(true);
  });

  it.each([
    ['storeHost', { storeHost: "x'; rm -rf /" }],
    ['storeUser', { storeUser: '$(id)' }],
    ['storeSecretArn', { storeSecretArn: 'arn:`id`' }],
    ['region', { region: 'eu west' }],
    ['runtimePackages', { runtimePackages: ['-y; id'] }],
    ['port', { port: 1.5 }],
    ['healthPath', { placeholder: { installation: 'holdfast', fleetName: 'web', healthPath: '/live"x' } }],
    ['fleet', { placeholder: { installation: 'holdfast', fleetName: "w'" } }],
  ])('refuses a %s that could break out, quoting it', (name, wrong) => {
    expect(() => fleetUserData({ ...props, ...wrong } as FleetUserDataProps)).toThrow(`user data: ${name} is`);
  });

  it('accepts values that CloudFormation fills in later', async () => {
    const { Token } = await import('aws-cdk-lib/core');
    const storePort = Token.asNumber({ 'Fn::GetAtt': ['Store', 'PrimaryEndPoint.Port'] });
    const script = fleetUserData({ ...props, storePort, storeHost: Token.asString({ Ref: 'Host' }) });
    expect(script).toMatch(/store_port='\$\{Token\[/);
    expect(script).toMatch(/store_host='\$\{Token\[/);
  });
});

describe('a prepared server', () => {
  let folder: string;
  let root: string;
  /** `chown` is the real one for root, whose tests have another user in the role of the application. */
  const isRoot = process.getuid?.() === 0;
  const OTHER = 65_534;
  const environment = () => ({
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    HOLDFAST_ROOT: root,
    HOLDFAST_LOCAL_MEMORY: join(folder, 'memory'),
  });
  const command = (name: string, script: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  const prepare = (more: Partial<FleetUserDataProps> = {}): void => {
    const script = join(folder, 'user-data.sh');
    writeFileSync(script, fleetUserData({ ...props, runtimePackages: [], ...more }));
    execFileSync('bash', [script], { env: environment(), stdio: 'ignore', timeout: 120_000 });
  };
  const unit = (name: string): string => readFileSync(join(root, 'etc', `${name}.service`), 'utf8');
  const fetchSecret = () => {
    return spawnSync('python3', ['-I', join(root, 'bin/fetch-environment')], {
      env: { ...environment(), STORE_SECRET_ARN: props.storeSecretArn },
      encoding: 'utf8',
      timeout: 120_000,
    });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-prepared-'));
    root = join(folder, 'opt');
    chmodSync(folder, 0o755);
    for (const name of ['bin', 'opt']) mkdirSync(join(folder, name));
    command('systemctl', '');
    command('findmnt', '');
    // Not a version manager's, which puts programs of its own first.
    command('python3', `exec '${execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()}' "$@"`);
    command('id', '');
    command('chown', isRoot ? `exec /bin/chown "$(echo "$1" | sed s/holdfast/${OTHER}/g)" "$2"` : '');
    command('aws', `echo '{"SecretString":"{\\"password\\":\\"secret\\"}","VersionId":"v1"}'`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.runIf(isRoot)("the application's user writes into the folder of the store's password, and is refused", () => {
    prepare();
    // From within: the folders above can be closed to others.
    const asOther = (...[program, ...args]: [string, ...string[]]) =>
      spawnSync(program, args, { uid: OTHER, gid: OTHER, cwd: root, encoding: 'utf8' });
    const attempt = (path: string) => asOther('sh', '-c', `echo X=1 >"${path}"`);
    expect(attempt('var/mine').status).toBe(0);
    for (const path of ['run/store.env', 'run/store.env.new', 'etc/instance.env', 'bin/run-app', 'bin/aws', 'current'])
      expect(attempt(path)).toMatchObject({ status: 2, stderr: expect.stringContaining('Permission denied') });
    fetchSecret();
    expect(asOther('cat', 'etc/instance.env').status).toBe(0);
    expect(asOther('cat', 'run/store.env').status).toBe(1);
  });

  it('moves the password of an earlier Holdfast into memory, with which the application starts while none can be read', () => {
    mkdirSync(join(root, 'run'));
    writeFileSync(join(root, 'run/store.env'), 'SESSION_STORE_PASSWORD="earlier"\n');
    prepare();
    expect(lstatSync(join(root, 'run')).isSymbolicLink()).toBe(true);
    command('aws', 'echo "An error occurred (AccessDeniedException) when calling it" >&2; exit 254');
    expect(fetchSecret()).toMatchObject({ status: 0, stderr: expect.stringContaining("the last start's is used") });
    expect(readFileSync(join(root, 'run/store.env'), 'utf8')).toBe('SESSION_STORE_PASSWORD="earlier"\n');
  });

  it('replaces a link that was put in the place of the password, and does not write through it', () => {
    prepare();
    const victim = join(folder, 'passwd');
    writeFileSync(victim, 'root:x:0:0');
    for (const name of ['store.env', 'store.env.new']) symlinkSync(victim, join(root, 'run', name));
    expect(fetchSecret()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(victim, 'utf8')).toBe('root:x:0:0');
    expect(lstatSync(join(root, 'run/store.env')).isSymbolicLink()).toBe(false);
    expect(readFileSync(join(root, 'run/store.env'), 'utf8')).toBe('SESSION_STORE_PASSWORD="secret"\n');
  });

  it("a secret with a line feed adds a variable to the application's environment, and is refused", () => {
    prepare();
    command('aws', `printf '%s' '{"SecretString":"{\\"password\\":\\"a\\\\nLD_PRELOAD=/tmp/x.so\\"}"}'`);
    expect(fetchSecret()).toMatchObject({ status: 1, stdout: '', stderr: expect.not.stringContaining('LD_PRELOAD') });
  });

  it("closes metadata, the agent's files and the system bus to the application, unless its fleet has access to AWS", () => {
    prepare();
    expect(unit('holdfast-app')).toMatch(
      /^IPAddressDeny=169\.254\.169\.254 169\.254\.170\.2 169\.254\.170\.23 fd00:ec2::254 fd00:ec2::23$/m,
    );
    expect(unit('holdfast-app')).toMatch(/^InaccessiblePaths=.*-\/run\/dbus -\/var\/lib\/amazon/m);
    expect(unit('holdfast-store-secret')).not.toContain('IPAddressDeny');
    prepare({ awsAccess: true });
    expect(unit('holdfast-app')).not.toMatch(/IPAddressDeny|InaccessiblePaths/);
  });

  it('refuses a server whose systemd would ignore that metadata is closed, and changes nothing', () => {
    command('findmnt', 'exit 1');
    expect(() => prepare()).toThrow();
    expect(existsSync(join(root, 'etc'))).toBe(false);
    prepare({ awsAccess: true });
    expect(unit('holdfast-app')).not.toContain('IPAddressDeny');
  });

  it.runIf(spawnSync(SYSTEMD_ANALYZE, ['--version']).status === 0)('has units that systemd accepts', () => {
    prepare();
    const units = ['holdfast-app', 'holdfast-placeholder', 'holdfast-store-secret'].map((name) => join(root, 'etc', `${name}.service`));
    const checked = spawnSync(SYSTEMD_ANALYZE, ['verify', '--man=no', ...units], { encoding: 'utf8', timeout: 120_000 });
    expect(checked.stderr.split('\n').filter((line) => line.includes('holdfast-'))).toEqual([]);
  });
});
