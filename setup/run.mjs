/**
 * `node setup/run.mjs SCRIPT [ARGS…]`: sets this checkout up and runs SCRIPT under the pinned Node.
 * Without SCRIPT it only sets up. `npm start` and `npm test` call it.
 *
 * An old Node must be able to parse this file to report that it is too old: no static imports and plain syntax only.
 */
const MINIMUM_NODE_MAJOR = 20;

function main() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < MINIMUM_NODE_MAJOR) {
    process.stderr.write(
      `Holdfast needs Node.js ${MINIMUM_NODE_MAJOR} or newer, and this is ${process.versions.node}: ` +
        'install a newer version from https://nodejs.org (or `brew install node` on macOS), then start again.\n',
    );
    process.exitCode = 1;
    return;
  }
  import('./run-script.mjs')
    .then((module) => module.runScript(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code;
      },
      (error) => {
        // A SetupError is written for the user; anything else is a bug and keeps its stack.
        const known = error instanceof Error && error.name === 'SetupError';
        process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : error}\n`);
        // The script, which prints the one line that --json promises, did not start.
        if (process.argv.includes('--json')) {
          const { name, message } = error instanceof Error ? error : new Error(String(error));
          process.stdout.write(`${JSON.stringify({ error: { code: known ? name : 'Failed', message } })}\n`);
        }
        process.exitCode = known && error.exitCode ? error.exitCode : 1;
      },
    );
}

main();
