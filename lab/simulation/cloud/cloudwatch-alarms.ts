/** The alarms that exist and their states. Actions and events of alarms are left out: nothing of a deploy follows them. */
import { reasonDataFor } from '#local-aws/cloudwatch/alarm-reason.ts';
import type { AlarmRegistry } from '#local-aws/cloudwatch/alarm-registry.ts';
import type { Alarm } from '#local-aws/cloudwatch/alarm-state.ts';
import type { Kernel } from '../kernel/kernel.ts';

export interface SimulatedAlarms extends AlarmRegistry {
  /** In ALARM by a data point of the minute before, for a while, whatever the metric says. @throws Error for an unknown name */
  forceRed(alarmName: string, lastsMs: number): void;
}

export function createAlarms(kernel: Kernel): SimulatedAlarms {
  const alarms = new Map<string, Alarm>();
  const forcedUntilMs = new Map<string, number>();
  const need = (name: string): Alarm => {
    const alarm = alarms.get(name);
    if (alarm === undefined) throw new Error(`the installation has no alarm ${name}`);
    return alarm;
  };
  const apply: AlarmRegistry['setState'] = (alarm, state) => {
    const nowMs = kernel.now();
    const { value, transitionedAtMs } = alarm.state;
    const changed = value !== state.value;
    alarms.set(alarm.name, {
      ...alarm,
      state: { ...state, updatedAtMs: nowMs, transitionedAtMs: changed ? nowMs : transitionedAtMs },
    });
    if (changed) kernel.note('alarm', `${alarm.name}: ${value} -> ${state.value}`);
  };
  const refuse = (): never => {
    throw new Error('alarms of the simulation neither end nor have a history');
  };

  return {
    alarms,
    find: (nameOrArn) => alarms.get(nameOrArn) ?? [...alarms.values()].find(({ arn }) => arn === nameOrArn),
    need,
    put: (alarm) => void alarms.set(alarm.name, alarm),
    delete: refuse,
    setState(alarm, state) {
      if (kernel.now() >= (forcedUntilMs.get(alarm.name) ?? 0)) apply(alarm, state);
    },
    history: refuse,
    settle: refuse,
    forceRed(name, lastsMs) {
      const alarm = need(name);
      const nowMs = kernel.now();
      forcedUntilMs.set(name, Math.max(nowMs + lastsMs, forcedUntilMs.get(name) ?? 0));
      const judged = [{ timeMs: nowMs - alarm.periodSeconds * 1000, value: alarm.threshold }];
      apply(alarm, { value: 'ALARM', reason: 'forced', reasonData: reasonDataFor(alarm, judged, nowMs) });
    },
  };
}
