/** The summary of a store that was watched: its figures and their text. Pure. */
import { SHORT_ALARM_MINUTE_MS } from '../local-settings.ts';

/** What `--json` prints. */
export interface StoreSummary {
  /** Of Holdfast, and the resources in them. */
  readonly stacks: number;
  readonly resources: number;
  readonly store: {
    /** Sessions, and keys without a TTL, by the last reading. */
    readonly sessions: number;
    readonly withoutTtl: number;
    /** Keys that sweeps gave a TTL. */
    readonly repaired: number;
  };
  readonly incident: { readonly cause: string; readonly confidence: string };
  /** From the leak's beginning, when everything was set up, to the alarm's end. */
  readonly seconds: number;
  readonly setupSeconds: number;
  readonly peakRssMb: number;
}

export const isWatched = ({ store, incident }: Pick<StoreSummary, 'store' | 'incident'>): boolean =>
  incident.cause === 'missing-expiry' && store.repaired > 0 && store.withoutTtl === 0;

export function renderStoreSummary(summary: StoreSummary, realTime: boolean): string {
  const { stacks, resources, store, incident, seconds, setupSeconds, peakRssMb } = summary;
  return `
stacks          ${stacks}, with ${resources} resources; no load balancer, no server, no deploys
sessions        ${store.sessions}, without a TTL ${store.withoutTtl}
repaired        ${store.repaired} keys that never expired
incident        ${incident.cause}, ${incident.confidence}
leak to end     ${seconds.toFixed(1)} s${realTime ? '' : ` (a minute of alarms lasts ${SHORT_ALARM_MINUTE_MS / 1_000} s; --real-time uses those of AWS)`}
set-up          ${setupSeconds.toFixed(1)} s, peak memory ${Math.round(peakRssMb)} MB`;
}
