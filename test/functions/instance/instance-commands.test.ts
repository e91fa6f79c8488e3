import { expect, it } from 'vitest';
import { POLL_PAUSES_MS } from '../../../functions/shared/poll.ts';
import { instanceCommands } from '../fakes/instance-commands.ts';
import { fakeRunCommand } from '../fakes/run-command.ts';

it.each([
  ['one at a time as often as ever', undefined, POLL_PAUSES_MS.length + 1],
  ['one of ten rarely', 10, 5],
])('asks for the command of %s', async (_, atOnce, polls) => {
  const runCommand = fakeRunCommand();
  let asked = 0;
  const commands = instanceCommands({
    runCommand: {
      ...runCommand,
      async describe(...given) {
        asked += 1;
        return runCommand.describe(...given);
      },
    },
    now: () => 0,
    polling: { pausesMs: POLL_PAUSES_MS, pause: async () => {} },
  });
  await commands.readInstall({ commandId: 'c', instanceId: 'i-1', overdueAtMs: 1, atOnce });
  expect(Math.abs(asked - polls)).toBeLessThanOrEqual(atOnce === undefined ? 0 : 1);
});

it('does not sleep beyond the time at which a command is overdue, however many are asked for at once', async () => {
  let nowMs = 0;
  const paused: number[] = [];
  const runCommand = fakeRunCommand();
  const commands = instanceCommands({
    runCommand,
    now: () => nowMs,
    polling: {
      pausesMs: POLL_PAUSES_MS,
      pause: async (ms) => {
        paused.push(ms);
        nowMs += ms;
      },
    },
  });
  await expect(commands.readInstall({ commandId: 'c', instanceId: 'i-1', overdueAtMs: 4_000, atOnce: 64 })).rejects.toThrow(
    'did not end in time',
  );
  expect(paused).toEqual([4_000]);
});
