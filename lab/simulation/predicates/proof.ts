import type { DeployRecord } from '../../../functions/records/types.ts';
import type { RequestFailure } from '../cloud/contracts.ts';
import type { Call } from '../seam/call.ts';
import { recordOf, type StepPayload } from './calls.ts';
import type { View } from './view.ts';

/** So long an alarm has been red before it is read: stale reads, and a step that is delivered twice, know no younger one. */
const KNOWN_MS = 20_000;
/** An alarm that fires earlier in a deploy can do so by data from before it. */
const OLD_DATA_MS = 300_000;

interface Alarm {
  readonly AlarmName: string;
  readonly StateValue: string;
  readonly StateTransitionedTimestamp?: Date | number | string;
}

/** L3, at the promotion: the release has answered no errors in its bakes, and no alarm has fired as it settled. */
export class Proof {
  private readonly view: View;
  private readonly broken: (text: string) => void;
  private readonly errors: { readonly instanceId: string; readonly version: string; readonly atMs: number }[] = [];
  /** When which alarms had become red, as the deploy last read them while it settled. */
  private red: readonly { readonly name: string; readonly sinceMs: number }[] = [];

  constructor(view: View, broken: (text: string) => void) {
    this.view = view;
    this.broken = broken;
  }

  requestFailed({ instanceId, version }: RequestFailure): void {
    if (instanceId !== undefined && version !== undefined) this.errors.push({ instanceId, version, atMs: this.view.now() });
  }

  effect({ operation, input, invocation }: Call, output: object): void {
    if (operation === 'DescribeAlarms' && invocation.step === 'settle') this.red = this.redIn(output);
    if (operation === 'UpdateItem' && recordOf(input) === 'FLEET') this.check(invocation.payload as StepPayload);
  }

  private redIn(output: object): typeof this.red {
    const { MetricAlarms = [] } = output as { readonly MetricAlarms?: readonly Alarm[] };
    return MetricAlarms.flatMap(({ AlarmName: name, StateValue, StateTransitionedTimestamp: since }) => {
      if (since === undefined) throw new Error(`DescribeAlarms does not tell since when ${name} is in its state`);
      const sinceMs = new Date(since).getTime();
      return StateValue === 'ALARM' && this.view.now() - sinceMs >= KNOWN_MS ? [{ name, sinceMs }] : [];
    });
  }

  private check({ deploy }: StepPayload): void {
    const record = this.view.deploys().find(({ deployId }) => deployId === deploy?.deployId);
    // Placeholders answer 503: a first deploy compares with nothing.
    if (!deploy || !record || record.from === 'none') return;
    this.checkAlarms(deploy.version, record);
    // Without counts the bake sees a server's health alone: the alarms see its errors.
    if (this.view.offersCounts(deploy.version)) this.checkBakes(deploy, record);
  }

  private checkAlarms(version: string, record: DeployRecord): void {
    for (const { name, sinceMs } of this.red) {
      if (record.alarmsAtStart?.[name] === 'ALARM' || sinceMs < record.startedAtMs + OLD_DATA_MS) continue;
      this.broken(`release ${version} is promoted, and the alarm ${name} fired during the deploy`);
    }
  }

  private checkBakes(deploy: NonNullable<StepPayload['deploy']>, record: DeployRecord): void {
    for (const [instanceId, { fromVersion, phases = [] }] of Object.entries(record.targets)) {
      const at = (wanted: string) => phases.filter(({ phase }) => phase === wanted).map(({ startedAtMs }) => startedAtMs);
      const [[registeredMs], [bakedFromMs, again]] = [at('registering'), at('baking')];
      // A bake that began anew does not count what was before; a server that restarted has lost its count.
      if (registeredMs === undefined || bakedFromMs === undefined || again !== undefined || fromVersion === 'none') continue;
      if (this.view.faultOnServer(Number.POSITIVE_INFINITY, instanceId)) continue;
      // The last answer of a bake that is judged late can be that of its middle.
      const untilMs = bakedFromMs + (deploy.settings.bakeSeconds * 1000) / 2;
      const met = this.errors.filter(
        (error) => error.instanceId === instanceId && error.version === deploy.version && error.atMs > registeredMs && error.atMs < untilMs,
      ).length;
      if (met > deploy.settings.bakeMaxErrors)
        this.broken(`release ${deploy.version} is promoted, and ${instanceId} answered ${met} errors in its bake`);
    }
  }
}
