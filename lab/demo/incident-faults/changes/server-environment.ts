/** The application's environment on its servers, changed by Run Command as an operator would do it. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { createRunCommand, type RunCommand } from '../../../../functions/shared/aws/run-command.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { CannotSet, type Changer } from '../contract.ts';

/** The application ends its requests in up to 18 s and starts within a second; 10 s until it listens. */
const LIMIT_MS = 60_000;
const POLL_MS = 200;

export interface Servers {
  /** Ids of the servers that run, sorted. */
  list(): Promise<readonly string[]>;
  /** @throws Error that quotes the end of what the script printed */
  run(instanceId: string, script: string): Promise<void>;
}

/** @param places what else the names in braces stand for; read only where a variable has one */
export function environmentChanger(
  servers: Servers,
  places: () => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Changer<'environment'> {
  return {
    async prepare({ servers: which }) {
      const ids = await servers.list();
      if (ids.length === 0) throw new CannotSet('the fleet has no server that runs; nothing was changed');
      return { instanceIds: which === 'all' ? ids : which === 'first' ? ids.slice(0, 1) : ids.slice(1) };
    },
    async apply({ variables }, before, fault) {
      // One after the other: the rest serve meanwhile.
      const values = Object.values(variables).some((value) => /\{reader/.test(value)) ? await places() : {};
      for (const id of before.instanceIds) await servers.run(id, setScript(fault, variables, { ...values, server: id }));
      return before;
    },
    async restore({ instanceIds }, fault) {
      // A server that was replaced never had the variables.
      const running = new Set(await servers.list());
      for (const id of instanceIds) if (running.has(id)) await servers.run(id, removeScript(fault));
    },
  };
}

const PREAMBLE = ['set -eu', 'file="$HOLDFAST_ROOT/etc/instance.env"'];
const RESTART = [
  'systemctl restart holdfast-app',
  'port="$(sed -n \'s/^PORT="\\([0-9]*\\)"$/\\1/p\' "$file")"',
  'for attempt in $(seq 100); do',
  '  if python3 -c "import socket; socket.create_connection((\'127.0.0.1\', $port), 1)" 2>/dev/null; then exit 0; fi',
  '  sleep 0.1',
  'done',
  'echo "the application does not listen on port $port"',
  'exit 1',
];

/** Appends the variables between two marks; the last value of a variable counts. */
export function setScript(fault: string, variables: Readonly<Record<string, string>>, values: Readonly<Record<string, string>>): string {
  const filled = (value: string) => value.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const lines = Object.entries(variables).map(([name, value]) => `${name}="${filled(value)}"`);
  const block = [`# fault ${fault} begin`, ...lines, `# fault ${fault} end`];
  return [
    ...PREAMBLE,
    'cp -p "$file" "$file.new"',
    `cat >>"$file.new" <<'END'`,
    ...block,
    'END',
    'mv "$file.new" "$file"',
    ...RESTART,
  ].join('\n');
}

/** Removes what is between the marks, and them; without marks nothing is changed and nothing is restarted. */
export function removeScript(fault: string): string {
  return [
    ...PREAMBLE,
    `if ! grep -q '^# fault ${fault} begin$' "$file"; then exit 0; fi`,
    'cp -p "$file" "$file.new"',
    `sed '/^# fault ${fault} begin$/,/^# fault ${fault} end$/d' "$file" >"$file.new"`,
    'mv "$file.new" "$file"',
    ...RESTART,
  ].join('\n');
}

/** @param list ids of the servers that run */
export function serversBySsm(ssm: SSMClient, list: Servers['list'], commands: RunCommand = createRunCommand(ssm)): Servers {
  return {
    list,
    async run(instanceId, script) {
      const order = { documentName: 'AWS-RunShellScript', instanceId, parameters: { commands: script }, comment: 'fault of a rehearsal' };
      const commandId = await commands.send(order);
      const ended = await waitUntil(
        `the command on ${instanceId}`,
        async () => {
          const now = await commands.describe(commandId, instanceId);
          return now.state !== 'running' && now;
        },
        { timeoutMs: LIMIT_MS, pollMs: POLL_MS },
      );
      if (ended.state === 'succeeded') return;
      const said = `${ended.output}${ended.errorOutput}`.trim().split('\n').at(-1)?.slice(0, 200);
      throw new Error(`the command on ${instanceId} ended as ${ended.statusDetails}${said ? `: ${said}` : ''}`);
    },
  };
}
