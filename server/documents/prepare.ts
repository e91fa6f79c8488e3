/** The content of a fleet's own document: its user data, for existing servers. */
import { PREPARE_STEP } from '../../functions/instance/document-contract.ts';
import { type DocumentContent, documentOf, shellStep } from './document-content.ts';

const END = 'HOLDFAST_PREPARE';
/** Includes the download of packages. */
const TIMEOUT_SECONDS = 240;

/**
 * Runs `script` by bash, from a file, so that the commands in it do not read the rest of it as their input. Its output goes
 * to standard error, so that the only line on standard output is the result.
 * @throws Error if the script could end its own text early
 */
export function prepareContent(script: string): DocumentContent {
  const lines = script.trimEnd().split('\n');
  if (script.includes('{{') || lines.includes(END)) throw new Error('the user data would end its own text early');
  return documentOf(
    'Holdfast: prepares an existing server: folders, environment, service. Stops nothing.',
    {},
    shellStep(PREPARE_STEP, TIMEOUT_SECONDS, [
      'script=$(mktemp) || exit 1',
      `trap 'rm -f "$script"' EXIT`,
      `cat >"$script" <<'${END}'`,
      ...lines,
      END,
      'bash "$script" >&2 </dev/null || exit 1',
      `echo '{"result":"prepared"}'`,
    ]),
  );
}
