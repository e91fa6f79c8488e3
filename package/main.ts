#!/usr/bin/env node
/** The process of the `holdfast` command of the package. */
import { addInit } from '../cli/installation/add-init.ts';
import { endWith } from '../cli/output.ts';
import { runCommandLine } from '../cli/run-command-line.ts';
import { addConsole } from '../console/add-command.ts';

await endWith(() => runCommandLine(process.argv.slice(2), addConsole, addInit));
