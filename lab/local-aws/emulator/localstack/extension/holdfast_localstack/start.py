"""LocalStack's hooks: opens everything that is not a plug-in by itself, before LocalStack listens."""

import pathlib

from localstack import config
from localstack.aws import handlers
from localstack.runtime import hooks


@hooks.on_infra_start()
def open_extension() -> None:
    # LocalStack's default reports a type that nobody provides as created. A LocalStack of the user's may not have the setting.
    config.CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES = False
    from holdfast_localstack.aborts import end_at_once
    from holdfast_localstack.child_faults import fail_child_starts
    from holdfast_localstack.custom_resource import serve_answers
    from holdfast_localstack.event_paths import read_event_paths
    from holdfast_localstack.event_sources import guard_sources
    from holdfast_localstack.executions import follow_executions
    from holdfast_localstack.failed_stacks import fail_failed_stacks
    from holdfast_localstack.log_groups import use_configured_log_groups
    from holdfast_localstack.models import find_attributes
    from holdfast_localstack.own_data import keep_data_to_itself
    from holdfast_localstack.parameters import read_parameters_at_gateway
    from holdfast_localstack.port_guard import guard
    from holdfast_localstack.reports import start_reporting
    from holdfast_localstack.runtime_variables import keep_runtime_variables
    from holdfast_localstack.schedules import start_schedules
    from holdfast_localstack.sessions import report_session
    from holdfast_localstack.stack_outputs import provide_stack_outputs
    from holdfast_localstack.stacks import fail_creations

    handlers.preprocess_request.append(guard)
    handlers.run_custom_response_handlers.append(report_session)
    serve_answers()
    start_reporting()
    keep_data_to_itself()
    use_configured_log_groups()
    keep_runtime_variables()
    read_parameters_at_gateway()
    follow_executions()
    end_at_once()
    fail_child_starts()
    guard_sources()
    read_event_paths()
    find_attributes()
    provide_stack_outputs()
    fail_creations()
    fail_failed_stacks()
    start_schedules()


@hooks.on_infra_ready()
def report_listening() -> None:
    """Once the port is LocalStack's own: another user's server may answer there, and is sent nothing."""
    from holdfast_localstack.own_port import end_without_port, port_is_own
    from holdfast_localstack.settings import SETTINGS

    if not port_is_own():
        end_without_port()
    pathlib.Path(SETTINGS.listening).touch()
