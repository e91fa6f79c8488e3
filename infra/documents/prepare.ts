/** The content of a fleet's own document: its user data, for machines that ran before Holdfast came. */
import { PREPARE_STEP } from '../../functions/deploy/document-contract.ts';

const END = 'HOLDFAST_PREPARE';
/** Packages come from the network. */
const TIMEOUT_SECONDS = 240;

/**
 * Runs `script` by bash, from a file: what it calls must not read the rest of it as its input. Its output goes to
 * standard error, so that the one line on standard output is the answer.
 * @throws Error when the script could end its own text early
 */
export function prepareContent(script: string): object {
  const lines = script.trimEnd().split('\n');
  if (script.includes('{{') || lines.includes(END)) throw new Error('the user data would end its own text early');
  return {
    schemaVersion: '2.2',
    description: 'Holdfast: prepares a machine that runs already: folders, environment, service. Stops nothing.',
    parameters: {},
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: PREPARE_STEP,
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: {
          timeoutSeconds: String(TIMEOUT_SECONDS),
          runCommand: [
            'script=$(mktemp) || exit 1',
            `trap 'rm -f "$script"' EXIT`,
            `cat >"$script" <<'${END}'`,
            ...lines,
            END,
            'bash "$script" >&2 </dev/null || exit 1',
            `echo '{"result":"prepared"}'`,
          ],
        },
      },
    ],
  };
}
