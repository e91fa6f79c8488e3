/** A function's process, without LocalStack: only its Python is needed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPythonRelease } from '../../../../../setup/find-python-release.mjs';
import { readSetup } from '../../../../../setup/read-setup.mjs';
import { SetupError } from '../../../../../setup/setup-error.mjs';
import { EXTENSION, runInExtension } from './run-in-extension.ts';

const SCRIPT = `
import json, sys, threading, time
from pathlib import Path
from holdfast_localstack.node_process import InitFailed, NodeProcess
from holdfast_localstack.runtime_api import Pending

folder, kill_after = json.loads(sys.argv[1])
began = time.monotonic()
try:
    process = NodeProcess(Path(folder), {"_HANDLER": "index.handler", "LAMBDA_TASK_ROOT": folder})
    pending = Pending(request_id="one", arn="arn:x", payload=b"{}", deadline_ms=0, trace_id="", fault=None)
    threading.Timer(kill_after, process.kill).start()
    outcome = process.invoke(pending, 20)
    answer = {"isError": outcome.is_error, "payload": json.loads(outcome.payload), "lines": process.take_lines(last="one")}
except InitFailed as error:
    answer = {"payload": json.loads(error.payload), "lines": error.lines}
print(json.dumps({**answer, "seconds": time.monotonic() - began}))
`;
const python = pythonOfLocalStack();
let folder: string;

function pythonOfLocalStack(): string | undefined {
  try {
    return findPythonRelease([3, 13], 'LocalStack needs').path;
  } catch (error) {
    if (error instanceof SetupError) return undefined;
    throw error;
  }
}

/** One invocation of a function with this code, whose process is killed after a time. */
function invoke(code: string, killAfterSeconds: number) {
  writeFileSync(path.join(folder, 'index.mjs'), code);
  const settings = {
    ...{ HOLDFAST_GATEWAY: 'http://127.0.0.1:9', HOLDFAST_EVENT_TOKEN: 'e', HOLDFAST_RUN_TOKEN: 'r', HOLDFAST_LISTENING: '' },
    ...{ HOLDFAST_FUNCTION_ENV: '{}', HOLDFAST_NODE: readSetup().node },
    HOLDFAST_BOOTSTRAP: path.join(EXTENSION, '../../lambda-runtime/bootstrap.mjs'),
  };
  return JSON.parse(runInExtension(python as string, SCRIPT, [folder, killAfterSeconds], settings)) as Record<string, unknown>;
}

describe.skipIf(python === undefined)('the process of a function in LocalStack', () => {
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'holdfast-node-process-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('that is killed during an invocation fails it at once, long before its time limit, and its lines are kept', () => {
    const ended = invoke(
      'export const handler = async () => { console.log("at work"); await new Promise(() => setInterval(() => {}, 1e6)); };',
      5,
    );
    expect(ended).toMatchObject({
      isError: true,
      payload: { errorType: 'Runtime.ExitError', errorMessage: 'RequestId: one Error: Runtime exited with error: signal: killed' },
      lines: ['at work'],
    });
    expect(ended['seconds']).toBeLessThan(18);
  });

  it('that cannot be loaded gives the lines that it printed', () => {
    const ended = invoke('console.log("reads settings"); console.error("has none"); throw new RangeError("unset");', 20);
    expect(ended).toMatchObject({
      payload: { errorType: 'RangeError', errorMessage: 'unset' },
      lines: ['reads settings', 'has none'],
    });
  });
});
