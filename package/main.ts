#!/usr/bin/env node
import { addInit } from '../cli/installation/add-init.ts';
/** The process of the `holdfast` command of the package. */
import { endWith } from '../cli/output.ts';
import { runCommandLine } from '../cli/run-command-line.ts';

await endWith(() => runCommandLine(process.argv.slice(2), addInit));
