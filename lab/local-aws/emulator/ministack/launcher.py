"""Starts MiniStack with the extensions ("seams") of Holdfast's local cloud.

Every seam replaces a private name of the pinned release. Each name is checked before the server starts; a missing one
stops the start with a sentence. Environment:

HOLDFAST_GATEWAY        URL of the gateway, which provides the resource types that it owns and receives log lines
HOLDFAST_NODE           Node binary that functions run on
HOLDFAST_BOOTSTRAP      the Runtime API loop for Node functions (lambda-runtime/bootstrap.mjs)
HOLDFAST_FUNCTION_ENV   JSON object: variables that the local runtime adds to every function's environment
HOLDFAST_EVENT_TOKEN    secret of the gateway and MiniStack: marks the gateway's own PutEvents calls, which may have
                        aws.* sources, and all requests of MiniStack to the gateway
HOLDFAST_IDLE_MS        time without an invocation after which the environment of a function ends
HOLDFAST_MOST_IDLE      environments of all functions together that go on without an invocation; those used last are kept
HOLDFAST_RUN_TOKEN      secret of the run, which every request to MiniStack's own port has to have
HOLDFAST_LISTENING      file that is written once MiniStack listens on its port
"""

import json
import os
import sys


def main() -> None:
    try:
        import ministack
        from ministack.core import iam_actions, iam_evaluator, lambda_runtime, router
        from ministack.services import cloudformation, cloudwatch_logs, dynamodb, ec2, eventbridge, iam, lambda_svc, s3, scheduler
        from ministack.services import secretsmanager, sns, sqs, ssm, stepfunctions, sts
        from ministack.services.cloudformation import custom_resource, provisioners, stacks
    except ImportError as error:
        sys.exit(f"MiniStack cannot be imported ({error}): remove .holdfast/venv and start again to reinstall it.")

    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import roles
    import seam
    import seams_account
    import seams_branches
    import seams_children
    import seams_cloudformation
    import seams_creation
    import seams_endpoints
    import seams_events
    import seams_existing
    import seams_faults
    import seams_identity
    import seams_idle
    import seams_instances
    import seams_lambda
    import seams_language
    import seams_logs
    import seams_machine_roles
    import seams_metrics
    import seams_port
    import seams_published
    import seams_resources
    import seams_roles
    import seams_s3
    import seams_stepfunctions
    import seams_versions
    import seams_zones

    gateway = os.environ["HOLDFAST_GATEWAY"]
    seams_cloudformation.open_seam(cloudformation, provisioners, stacks, ssm, gateway)
    seams_existing.open_seam(
        cloudformation,
        stacks,
        provisioners,
        {
            "dynamodb": dynamodb,
            "lambda": lambda_svc,
            "logs": cloudwatch_logs,
            "scheduler": scheduler,
            "secretsmanager": secretsmanager,
            "sns": sns,
            "sqs": sqs,
            "stepfunctions": stepfunctions,
        },
    )
    # Opened after the seam of existing resources, so that it runs before it: a creation that fails by a test's fault asks for no name.
    seams_creation.open_seam(cloudformation, stacks, gateway)
    # Opened before the seams that take over what it wraps.
    seams_faults.open_seam(lambda_svc, lambda_runtime, stepfunctions, gateway)
    seams_lambda.open_seam(
        lambda_svc,
        lambda_runtime,
        gateway,
        node=os.environ["HOLDFAST_NODE"],
        bootstrap=os.environ["HOLDFAST_BOOTSTRAP"],
        added=json.loads(os.environ["HOLDFAST_FUNCTION_ENV"]),
    )
    seams_idle.open_seam(
        lambda_svc,
        lambda_runtime,
        idle_seconds=int(os.environ.pop("HOLDFAST_IDLE_MS")) / 1000,
        most_idle=int(os.environ.pop("HOLDFAST_MOST_IDLE")),
    )
    # Opened before the seam of roles, which checks a function before it is created.
    seams_instances.open_seam(ec2, provisioners, lambda_svc, gateway)
    seams_zones.open_seam(ec2, provisioners)
    seams_endpoints.open_seam(ec2)
    seams_logs.open_seam(cloudwatch_logs)
    seams_events.open_seam(eventbridge, seam.EVENT_TOKEN, gateway)
    report = seams_identity.open_seam(sts, iam, iam_evaluator, iam_actions, dynamodb, gateway)
    seams_account.open_seam(iam_actions)
    seams_resources.open_seam(iam_actions)
    judge = roles.make_judge(iam_evaluator, iam, report)
    # Opened before the seam that ends executions by itself.
    seams_metrics.open_seam(stepfunctions, gateway)
    seams_stepfunctions.open_seam(stepfunctions, judge)
    seams_language.open_seam(stepfunctions, seams_branches.open_seam(stepfunctions))
    seams_s3.open_seam(s3)
    seams_published.open_seam(lambda_svc, provisioners)
    seams_versions.open_seam(stepfunctions, provisioners)
    seams_machine_roles.open_seam(judge, stepfunctions, provisioners)
    # Opened after the seam of roles, which checks a task before this one finds that its child runs and only has to be waited for.
    seams_children.open_seam(stepfunctions, gateway)
    # Opened after the seam of functions, which reads metrics from logs: lines that a role may not log carry no metrics then.
    seams_roles.open_seam(judge, lambda_svc, eventbridge, provisioners)

    # Last: it takes over the names that the seams have replaced.
    from hypercorn.config import Config
    from ministack import app

    seams_port.report_listening(Config, os.environ.pop("HOLDFAST_LISTENING"))
    seams_port.open_seam(app, custom_resource, router, os.environ.pop("HOLDFAST_RUN_TOKEN"), os.environ["AWS_ACCESS_KEY_ID"])

    sys.argv = [sys.argv[0]]
    app.main()


if __name__ == "__main__":
    main()
