/** The content of a fleet's own document: its user data, for existing servers. */
import { PREPARE_STEP } from '../../functions/instance/document-contract.ts';

const END = 'HOLDFAST_PREPARE';
/** Includes the download of packages. */
const TIMEOUT_SECONDS = 240;

/**
 * Runs `script` by bash, from a file, so that the commands in it do not read the rest of it as their input. Its output goes
 * to standard error, so that the only line on standard output is the result.
 * @throws Error if the script could end its own text early
 */
export function prepareContent(script: string): object {
  const lines = script.trimEnd().split('\n');
  if (script.includes('{{') || lines.includes(END)) throw new Error('the user data would end its own text early');
  return {
    schemaVersion: '2.2',
    description: 'Holdfast: prepares an existing server: folders, environment, service. Stops nothing.',
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
