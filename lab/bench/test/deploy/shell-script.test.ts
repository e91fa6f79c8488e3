import { expect, it } from 'vitest';
import { runShellScript } from '../../deploy/shell-script.ts';

function script(answers: string[]) {
  const done: string[] = [];
  const step = (name: string) => async (server: string) => void done.push(`${name} ${server}`);
  const actions = {
    deregister: step('out'),
    install: step('install'),
    register: step('in'),
    readHealth: async () => {
      const answer = answers.shift();
      if (answer === undefined) throw new Error('refused');
      done.push(`health ${answer}`);
      return answer;
    },
  };
  return { done, actions, pause: async (ms: number) => void done.push(`sleep ${ms / 1000}`) };
}

it('runs its six steps on one server after the other', async () => {
  const { done, actions, pause } = script(['{"status":"DOWN"}', '{"status":"UP"}', '{"status":"UP"}']);
  await runShellScript(['a', 'b'], actions, pause);
  expect(done).toEqual([
    'out a',
    'sleep 30',
    'install a',
    'health {"status":"DOWN"}',
    'sleep 5',
    'health {"status":"UP"}',
    'in a',
    'sleep 15',
    'out b',
    'sleep 30',
    'install b',
    'health {"status":"UP"}',
    'in b',
    'sleep 15',
  ]);
});

it('gives up on a server that is never UP', async () => {
  const { actions, pause } = script([]);
  await expect(runShellScript(['a'], actions, pause)).rejects.toThrow('a is not UP after 60 polls');
});
