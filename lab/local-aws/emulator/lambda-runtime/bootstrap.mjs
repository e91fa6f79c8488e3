/**
 * A Node function's side of the Lambda Runtime API: gets the next invocation, calls the handler, returns its result.
 * Errors keep their names (`errorType`), the environment stays warm between invocations.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */

import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const api = process.env.AWS_LAMBDA_RUNTIME_API;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, route, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(`http://${api}/2018-06-01/runtime/${route}`, { method, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function describe(error) {
  const known = error instanceof Error;
  return JSON.stringify({
    errorType: known ? error.name : typeof error,
    errorMessage: known ? error.message : String(error),
    trace: known && error.stack ? error.stack.split('\n') : [],
  });
}

async function loadHandler() {
  const [file, name] = process.env._HANDLER.split(/\.(?=[^.]*$)/);
  const base = path.join(process.env.LAMBDA_TASK_ROOT, file);
  const found = ['.mjs', '.cjs', '.js'].map((extension) => base + extension).find((candidate) => existsSync(candidate));
  if (!found) throw Object.assign(new Error(`Cannot find module '${file}'`), { name: 'Runtime.ImportModuleError' });
  const module = await load(found, base);
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${process.env._HANDLER} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  }
  return handler;
}

/** Errors of loading have the names that AWS gives them; what the module's own code throws keeps its own. */
async function load(found, base) {
  try {
    return found.endsWith('.mjs') || isModule(found) ? await import(pathToFileURL(found).href) : createRequire(base)(found);
  } catch (error) {
    if (error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND') error.name = 'Runtime.ImportModuleError';
    else if (error instanceof SyntaxError) error.name = 'Runtime.UserCodeSyntaxError';
    throw error;
  }
}

function isModule(file) {
  try {
    return JSON.parse(readFileSync(path.join(path.dirname(file), 'package.json'), 'utf8')).type === 'module';
  } catch {
    return false;
  }
}

function contextOf(headers) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: `/aws/lambda/${process.env.AWS_LAMBDA_FUNCTION_NAME}`,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    callbackWaitsForEmptyEventLoop: true,
  };
}

function invoke(handler, event, context) {
  return new Promise((resolve, reject) => {
    const result = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)));
    if (typeof result?.then === 'function') result.then(resolve, reject);
    else if (handler.length < 3) resolve(result);
  });
}

/** A function may run for 15 minutes. */
const LONGER_THAN_ANY_LIMIT_MS = 16 * 60_000;

/**
 * The handler with the fault that the emulator injects into this invocation: an error before or after its work, a kill of
 * its process in the middle, or no end before its time limit.
 */
function withFault(handler, header) {
  if (header === undefined) return handler;
  const fault = JSON.parse(header);
  const failure = () => Object.assign(new Error(fault.message), { name: fault.error });
  return async (event, context) => {
    if (fault.kind === 'throw' && !fault.afterWork) throw failure();
    if (fault.kind === 'die') setTimeout(() => process.kill(process.pid, 'SIGKILL'), fault.afterMs);
    await invoke(handler, event, context);
    if (fault.kind === 'throw') throw failure();
    // The emulator kills it at its limit, or the timer above does when the handler was faster.
    return new Promise((resolve) => setTimeout(resolve, LONGER_THAN_ANY_LIMIT_MS));
  };
}

let handler;
try {
  handler = await loadHandler();
} catch (error) {
  await call('POST', 'init/error', describe(error));
  process.exit(1);
}
for (;;) {
  const next = await call('GET', 'invocation/next');
  if (next.status !== 200) process.exit(0); // the environment is being torn down
  const context = contextOf(next.headers);
  process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'] ?? '';
  let route;
  let body;
  try {
    body = JSON.stringify((await invoke(withFault(handler, next.headers['holdfast-fault']), JSON.parse(next.body), context)) ?? null);
    route = 'response';
  } catch (error) {
    body = describe(error);
    route = 'error';
  }
  // The emulator waits for a log line before it treats the response as complete; AWS's JSON logs have this one as well.
  process.stdout.write(
    `${JSON.stringify({ type: 'platform.runtimeDone', record: { requestId: context.awsRequestId, status: route === 'error' ? 'error' : 'success' } })}\n`,
  );
  await call('POST', `invocation/${context.awsRequestId}/${route}`, body, { 'content-type': 'application/json' });
}
