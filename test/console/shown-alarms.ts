/** The alarms of the dashboards in a cloud in memory: one in each state. */
import type { AlarmStatus } from '../../cli/installation/attention/attention-words.ts';

const MINUTE = 60_000;

export function alarmsOf({ bodies }: { readonly bodies: ReadonlyMap<string, string> }, nowMs: number): AlarmStatus[] {
  const arns = [...bodies.values()].flatMap((text) =>
    (JSON.parse(text) as { widgets: { properties: { alarms?: string[] } }[] }).widgets.flatMap(({ properties }) => properties.alarms ?? []),
  );
  return [...new Set(arns)].map((arn, index) => ({
    arn,
    name: `holdfast-${arn
      .replace(/[A-F0-9]{8}$/, '')
      .replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
      .toLowerCase()}`,
    state: index === 2 ? 'ALARM' : index % 5 === 4 ? 'INSUFFICIENT_DATA' : 'OK',
    reason: 'Threshold Crossed: 1 datapoint [12.0] was greater than or equal to the threshold (10.0).',
    sinceMs: nowMs - index * MINUTE,
    description: `severity: ${['high', 'medium', 'low'][index % 3]}. The store is slower than expected. Runbook: docs/runbook/deploys.md#deploy-failed`,
  }));
}
