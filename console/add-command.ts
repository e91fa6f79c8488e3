/** `console`: bin and the package add it to the commands. The code behind it is loaded only when it runs. */
import { type Command, Option } from 'commander';
import { actionOf, addCommand, type Run, withCloud } from '../cli/command-parts.ts';
import { whole } from '../cli/option-values.ts';

export function addConsole(program: Command, run: Run): void {
  const description = 'Serve the console of a fleet on this machine, with the rights of your credentials, until Ctrl-C.';
  const examples = ['console', 'console --region us-east-1', 'console --region us-east-1 --fleet web --port 8080'];
  withCloud(addCommand(program, 'console', description, examples))
    .addOption(new Option('--port <port>', 'port on 127.0.0.1').default(0, 'a free one').argParser(whole('--port', 0, 65_535)))
    .action(actionOf(run, async () => (await import('./serve.ts')).serve));
}
