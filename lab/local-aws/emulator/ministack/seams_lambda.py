"""Seam: Node functions run on the real Lambda Runtime API, with the environment that their template gives them.

MiniStack's own Node worker renames every error to Runtime.HandlerError and ends because of it. Its worker for custom runtimes
speaks the Runtime API and keeps names, warm environments and time-outs, so Node functions get that worker, with a small
Runtime API loop as their bootstrap. That API is on a port of each environment, which any page in a browser and any local
user can reach: its address has a secret path, which only the environment's own process is given.
"""

import os
import queue
import secrets
import threading

from seam import need, post


# Environments that start at the same time. When the stacks are deployed, every alarm invokes a function within the same second:
# 15 processes of 65 MB each that start at once on two cores take as long as in turns. An invocation waits for its own
# environment, as for a slow cold start on AWS.
_MOST_STARTS = 4


def open_seam(lambda_svc, lambda_runtime, gateway: str, node: str, bootstrap: str, added: dict) -> None:
    run_custom = need(lambda_svc, "_execute_function_provided_warm")
    run_other = need(lambda_svc, "_execute_function_warm")
    extract = need(lambda_svc, "_provided_runtime_code_dir")
    code_lock = need(lambda_svc, "_provided_code_lock")
    worker_env = need(lambda_svc, "_provided_worker_env")
    emit_logs = need(lambda_svc, "_emit_lambda_logs")
    need(lambda_runtime, "_worker_class_for")
    custom_worker = need(lambda_runtime, "ProvidedWorker")
    need(custom_worker, "_await_init")
    runtime_error = need(lambda_runtime, "ProvidedRuntimeError")
    class_for = lambda_runtime._worker_class_for

    need(custom_worker, "_build_handler_class")
    need(custom_worker, "_spawn")
    secret_path = f"/{secrets.token_urlsafe(24)}"

    starts = threading.BoundedSemaphore(_MOST_STARTS)

    class NodeWorker(custom_worker):
        def _spawn(self, init_timeout=None):
            # The time limit of the invocation begins afterwards.
            with starts:
                super()._spawn(init_timeout)

        def _build_handler_class(self, generation, pending):
            class Handler(super()._build_handler_class(generation, pending)):
                def parse_request(self):
                    if not super().parse_request():
                        return False
                    if self.path.startswith(secret_path + "/"):
                        return True
                    self.send_error(403)
                    return False

            return Handler

        def _await_init(self, init_timeout=None):
            try:
                super()._await_init(init_timeout)
            except RuntimeError:
                # What the bootstrap reported keeps its name: a handler that cannot be loaded is not a Runtime.Unknown.
                report = self._init_error
                if not isinstance(report, dict):
                    raise
                raise runtime_error(report.get("errorMessage", ""), report.get("errorType", "")) from None

    def is_node(config: dict) -> bool:
        return str(config.get("Runtime", "")).startswith("nodejs")

    def execute(func, event, request_id):
        config = func.get("config") or func
        return (run_custom if is_node(config) else run_other)(func, event, request_id)

    def extract_with_bootstrap(code_zip):
        folder = extract(code_zip)
        script = os.path.join(folder, "bootstrap")
        # MiniStack's own lock: a script whose file is still open for writing in some thread cannot be executed.
        with code_lock:
            if not os.path.exists(script):
                with open(script, "w", encoding="utf-8") as out:
                    out.write('#!/bin/sh\nexec "$HOLDFAST_NODE" "$HOLDFAST_BOOTSTRAP"\n')
                os.chmod(script, 0o755)
        return folder

    def environment(config, code_dir, port):
        full = worker_env(config, code_dir, port)
        if not is_node(config):
            return full
        declared = (config.get("Environment") or {}).get("Variables") or {}
        runtime = {name: full[name] for name in _RUNTIME_NAMES if name in full}
        runtime["AWS_LAMBDA_RUNTIME_API"] += secret_path
        # The template's variables never replace the runtime's, as on AWS; the host's environment is not passed on.
        return {**declared, **runtime, **added, "HOLDFAST_NODE": node, "HOLDFAST_BOOTSTRAP": bootstrap, "TZ": ":UTC", "LANG": "en_US.UTF-8"}

    lines: queue.Queue = queue.Queue(maxsize=10_000)

    def emit(func, request_id, log_text, error, duration_ms, *, log_source=None):
        emit_logs(func, request_id, log_text, error, duration_ms, log_source=log_source)
        name = (func.get("config") or func).get("FunctionName", "unknown")
        for line in (log_text or "").splitlines():
            if '"_aws"' in line:
                try:
                    lines.put_nowait({"logGroup": f"/aws/lambda/{name}", "logStream": request_id, "message": line})
                except queue.Full:
                    break

    def forward():
        while True:
            line = lines.get()
            try:
                post(gateway, "/_holdfast/log-lines", line, 5)
            except (ValueError, OSError):
                pass  # metrics from logs are best-effort, as on AWS

    threading.Thread(target=forward, daemon=True, name="log-lines").start()
    lambda_svc._execute_function_warm = execute
    lambda_svc._provided_runtime_code_dir = extract_with_bootstrap
    lambda_svc._provided_worker_env = environment
    lambda_svc._emit_lambda_logs = emit
    lambda_runtime._worker_class_for = lambda config: NodeWorker if is_node(config) else class_for(config)


_RUNTIME_NAMES = (
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
