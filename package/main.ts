#!/usr/bin/env node
import { addInit } from '../cli/installation/add-init.ts';
/** The process of the `holdfast` command of the package. */
import { endWith } from '../cli/output.ts';
import { runCommandLine } from '../cli/run-command-line.ts';

const OLDEST_NODE = 22;
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `UnsupportedNode: Holdfast needs Node.js ${OLDEST_NODE} or newer, and this is ${process.versions.node}. Nothing was started. Install a newer version.\n`,
  );
  process.exit(2);
}

await endWith(() => runCommandLine(process.argv.slice(2), addInit));
