/** The existing alarms, their history, and the actions of a change of state. */

import type { EventBus, FunctionInvoker, Log, Now, TopicPublisher } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';
import { AwsError } from '../service/service.ts';
import { lambdaPayload, type Place, snsMessage, snsSubject, stateChangeEvent } from './alarm-notices.ts';
import { type Alarm, type AlarmState, alarmTime, type HistoryItem } from './alarm-state.ts';
import type { StateValue } from './judge-alarm.ts';
import { isWarmingUp } from './warm-up.ts';

/** AWS keeps 30 days of history; here the newest. */
const HISTORY_KEPT = 2000;
const ACTION_TIMEOUT_MS = 15_000;

export interface AlarmRegistry {
  readonly alarms: Map<string, Alarm>;
  /** Finds an alarm by its name or ARN. */
  find(nameOrArn: string): Alarm | undefined;
  /** @throws AwsError ResourceNotFound */
  need(name: string): Alarm;
  /** Creates or replaces the alarm and keeps its state. */
  put(alarm: Alarm): void;
  delete(alarm: Alarm): void;
  /** Sets the state; a new value is recorded in the history, sends an event, and starts actions. */
  setState(alarm: Alarm, state: { value: StateValue; reason: string; reasonData?: string }): void;
  /** Newest first. */
  history(): readonly HistoryItem[];
  /** Resolves when the actions under way have ended, or after `timeoutMs`. */
  settle(timeoutMs: number): Promise<void>;
}

export interface AlarmRegistryOptions {
  readonly now: Now;
  readonly place: Place;
  readonly topics: TopicPublisher;
  readonly functions: FunctionInvoker;
  readonly events: EventBus;
  readonly log: Log;
}

export function createAlarmRegistry(options: AlarmRegistryOptions): AlarmRegistry {
  const alarms = new Map<string, Alarm>();
  const underWay = new Set<Promise<void>>();
  let items: HistoryItem[] = [];

  const record = (alarm: Alarm, type: HistoryItem['type'], summary: string, data: object): void => {
    items = [{ alarmName: alarm.name, atMs: options.now(), type, summary, data: JSON.stringify(data) }, ...items].slice(0, HISTORY_KEPT);
  };

  const begin = (work: () => Promise<void>, failed: (error: unknown) => void): void => {
    const tracked = bounded(work())
      .catch(failed)
      .finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };

  const act = (alarm: Alarm, previous: AlarmState, arn: string): void => {
    const done = (actionState: string, summary: string): void =>
      record(alarm, 'Action', summary, { actionState, notificationResource: arn, stateUpdateTimestamp: alarm.state.updatedAtMs });
    begin(
      async () => {
        if (arn.startsWith('arn:aws:sns:'))
          await options.topics.publish(arn, snsSubject(alarm, options.place), snsMessage(alarm, previous, options.place));
        else if (arn.startsWith('arn:aws:lambda:')) await options.functions.invokeAsync(arn, lambdaPayload(alarm, previous, options.place));
        else throw new Error('this kind of action is not emulated locally');
        done('Succeeded', `Successfully executed action ${arn}`);
      },
      (error) => {
        const message = messageOf(error);
        done('Failed', `Failed to execute action ${arn}. Received error: "${message}"`);
        options.log(`cloudwatch: the action ${arn} of ${alarm.name} failed: ${message}`);
      },
    );
  };

  const registry: AlarmRegistry = {
    alarms,
    find: (nameOrArn) => alarms.get(nameOrArn) ?? [...alarms.values()].find((alarm) => alarm.arn === nameOrArn),
    need(name) {
      const alarm = alarms.get(name);
      if (alarm === undefined) throw new AwsError('ResourceNotFound', `Alarm ${name} does not exist`, 404);
      return alarm;
    },
    put(alarm) {
      const existed = alarms.has(alarm.name);
      alarms.set(alarm.name, alarm);
      record(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${existed ? 'updated' : 'created'}`, {
        version: '1.0',
        type: existed ? 'Update' : 'Create',
      });
    },
    delete(alarm) {
      alarms.delete(alarm.name);
      record(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" deleted`, { version: '1.0', type: 'Delete' });
    },
    setState(alarm, state) {
      const previous = alarm.state;
      const nowMs = options.now();
      const changed = previous.value !== state.value;
      const next: Alarm = {
        ...alarm,
        state: { ...state, updatedAtMs: nowMs, transitionedAtMs: changed ? nowMs : previous.transitionedAtMs },
      };
      alarms.set(alarm.name, next);
      if (!changed) return;
      record(next, 'StateUpdate', `Alarm updated from ${previous.value} to ${state.value}`, {
        version: '1.0',
        oldState: { stateValue: previous.value, stateReason: previous.reason },
        newState: {
          stateValue: state.value,
          stateReason: state.reason,
          ...(state.reasonData !== undefined && { stateReasonData: JSON.parse(state.reasonData) }),
        },
      });
      options.log(`cloudwatch: ${alarm.name}: ${previous.value} -> ${state.value} at ${alarmTime(nowMs)}`);
      begin(
        () => options.events.put(stateChangeEvent(next, previous)),
        (error) => options.log(`cloudwatch: the event of ${alarm.name} was not sent: ${messageOf(error)}`),
      );
      // Asked as if a data point was missing: a warm-up that data ended early is marked as over by now, and any other one keeps actions
      // off.
      if (!next.actionsEnabled || isWarmingUp(next.warmUp, nowMs, 1)) return;
      for (const arn of actionsFor(next)) act(next, previous, arn);
    },
    history: () => items,
    async settle(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        Promise.all(underWay),
        new Promise((resolve) => {
          timer = setTimeout(resolve, timeoutMs);
        }),
      ]);
      clearTimeout(timer);
    },
  };
  return registry;
}

function actionsFor(alarm: Alarm): readonly string[] {
  if (alarm.state.value === 'OK') return alarm.okActions;
  return alarm.state.value === 'ALARM' ? alarm.alarmActions : alarm.insufficientDataActions;
}

async function bounded(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ACTION_TIMEOUT_MS} ms`)), ACTION_TIMEOUT_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
