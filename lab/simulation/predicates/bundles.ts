import { NO_RELEASE } from '../../../functions/shared/version.ts';
import { type BundleAct, MAIN_FILE } from '../cloud/bundles.ts';
import type { Call } from '../seam/call.ts';
import { groupOf, type StepPayload, targetsOf } from './calls.ts';
import type { View } from './view.ts';

/** A fault of a server is in its requests for a while after it has ended. */
const AFTERMATH_MS = 120_000;
const EVER = Number.POSITIVE_INFINITY;
/** Of the bundle that the server has; the others are those of the one that is installed. */
const OF_THE_LAST: ReadonlySet<string> = new Set([
  'BeforeBlockTraffic',
  'AfterBlockTraffic',
  'ApplicationStop',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
]);

type Broken = (predicate: 'S17' | 'S18' | 'S19' | 'S20', text: string) => void;
type Files = ReadonlyMap<string, string>;

/** A server as its acts show it, and not as its own state does. */
interface Server {
  readonly begun: Files;
  /** Those of the beginning that no Install has brought or taken. */
  readonly others: Map<string, string>;
  /** Of a version that it was taken for: what it really had. */
  readonly adopted: Map<string, Files>;
  /** Version of the bundle whose Install ended last. */
  last: string;
  isTouched: boolean;
}

/** S17 to S20: what is on servers of bundles, and which of their scripts run. */
export class Bundles {
  private readonly view: View;
  private readonly broken: Broken;
  private readonly servers = new Map<string, Server>();

  constructor(view: View, broken: Broken) {
    this.view = view;
    this.broken = broken;
  }

  acted(instanceId: string, act: BundleAct): void {
    if (act.kind === 'began') {
      const begun = new Map(this.view.bundle(instanceId)?.files);
      this.servers.set(instanceId, { begun, others: new Map(begun), adopted: new Map(), last: NO_RELEASE, isTouched: false });
      return;
    }
    const server = this.servers.get(instanceId);
    if (server === undefined) {
      if (act.kind === 'script') this.broken('S20', `${instanceId} runs ${act.event} of ${act.version}, and its fleet has no bundles`);
      return;
    }
    if (act.kind === 'script') this.checkScript(instanceId, server, act);
    else if (act.kind === 'stopped') this.checkStop(instanceId);
    else if (act.kind !== 'refused') follow(this.view, server, act);
  }

  before(call: Call): void {
    const { deploy } = call.invocation.payload as StepPayload;
    if (call.operation === 'DeregisterTargets' && deploy?.adopt)
      this.broken('S19', `${call.invocation.step} of an adoption takes ${targetsOf(call.input).join(', ')} out of service`);
    if (call.operation !== 'RegisterTargets' || this.view.isDrainGroup(groupOf(call.input))) return;
    for (const instanceId of targetsOf(call.input)) {
      if (this.view.faultOnServer(AFTERMATH_MS, instanceId) || this.view.healthOf(instanceId) === 'healthy') continue;
      const why = this.whyNotWhole(instanceId);
      if (why !== undefined) this.broken('S17', `${call.invocation.step} registers ${instanceId}, ${why}`);
    }
  }

  /** The record of an instance names what it was taken for. */
  effect({ operation, input, invocation }: Call): void {
    const { deploy, roll } = invocation.payload as StepPayload;
    if (operation !== 'PutItem') return;
    if (!deploy?.adopt || roll === undefined || !keyOf(input).startsWith('INSTANCE#')) return;
    const last = this.servers.get(roll.instanceId)?.last;
    if (last !== deploy.version)
      this.broken('S19', `${roll.instanceId} is recorded as adopted with ${deploy.version}, and never compared its files`);
  }

  /** What holds in the end: each server that serves has one whole bundle, and one that was refused is as it was. */
  judgeEnd(): void {
    for (const { instanceId, lifecycleState } of this.view.members()) {
      if (lifecycleState !== 'InService' || this.view.faultOnServer(EVER, instanceId)) continue;
      if (this.view.healthOf(instanceId) !== 'healthy') continue;
      const why = this.whyNotWhole(instanceId);
      if (why !== undefined) this.broken('S17', `${instanceId} serves, ${why}`);
      const server = this.servers.get(instanceId);
      const now = this.view.bundle(instanceId);
      if (!server || server.isTouched || !now) continue;
      if (difference(now.files, server.begun) !== undefined || now.listed.length > 0 || now.installed !== NO_RELEASE)
        this.broken('S19', `${instanceId} was not adopted, and is not as it was`);
    }
  }

  private checkScript(instanceId: string, server: Server, { event, version, mode }: Extract<BundleAct, { kind: 'script' }>): void {
    const what = `${instanceId} runs ${event} of ${version}`;
    server.isTouched = true;
    if (!this.view.permitsBundles()) this.broken('S20', `${what}, and its fleet has no bundles`);
    if (mode.startsWith('adopt')) this.broken('S19', `${what} in an adoption`);
    if (OF_THE_LAST.has(event) && version !== server.last)
      this.broken('S18', `${what}, and the bundle whose Install ended last is ${server.last}`);
  }

  private checkStop(instanceId: string): void {
    const deploy = this.view.deploys().findLast(({ status }) => status === 'RUNNING');
    const isMember = this.view.members().some((member) => member.instanceId === instanceId && member.lifecycleState === 'InService');
    if (deploy?.adopt && isMember && !this.view.faultOnServer(EVER, instanceId))
      this.broken('S19', `the service of ${instanceId} was stopped while ${deploy.deployId} adopts what runs`);
  }

  private whyNotWhole(instanceId: string): string | undefined {
    const server = this.servers.get(instanceId);
    const now = this.view.bundle(instanceId);
    if (server === undefined || now === undefined || server.last === NO_RELEASE) return undefined;
    const { last } = server;
    if (!now.complete) return `where ${last} was not validated`;
    const files = this.filesOf(server, last);
    const found = difference(now.files, files);
    if (found !== undefined) return `where ${found}, with ${last}`;
    // With RETAIN an image's own application stays.
    const [runs] = (files.get(MAIN_FILE) ?? last).split(',');
    return now.running === runs ? undefined : `which runs ${now.running ?? 'nothing'} instead of ${runs}`;
  }

  private filesOf({ others, adopted }: Server, version: string): Files {
    const { files, fileExists } = this.view.bundleOf(version) ?? { files: new Map<string, string>(), fileExists: 'OVERWRITE' };
    const own = adopted.get(version) ?? files;
    return new Map(fileExists === 'RETAIN' ? [...own, ...others] : [...others, ...own]);
  }
}

/** Sort key of the record that a call writes. */
const keyOf = (input: unknown): string => (input as { readonly Item?: { readonly sk?: { readonly S?: string } } }).Item?.sk?.S ?? '';

function follow(view: View, server: Server, act: Extract<BundleAct, { kind: 'wrote' | 'installed' | 'validated' | 'adopted' }>): void {
  server.isTouched = true;
  if (act.kind === 'wrote') server.others.delete(act.path);
  if (act.kind === 'installed') server.last = act.version;
  if (act.kind !== 'adopted') return;
  const paths = [...(view.bundleOf(act.version)?.files.keys() ?? [])];
  server.adopted.set(act.version, new Map([...server.others].filter(([path]) => paths.includes(path))));
  for (const path of paths) server.others.delete(path);
  server.last = act.version;
}

function difference(found: Files, expected: Files): string | undefined {
  for (const [path, content] of found) {
    if (expected.get(path) !== content) return expected.has(path) ? `${path} is ${content}` : `${path} is left`;
  }
  const missing = [...expected.keys()].find((path) => !found.has(path));
  return missing && `${missing} is missing`;
}
