"""Seam: what exists cannot be created again.

MiniStack's CloudFormation overwrites a table, function, log group, state machine, queue, topic, schedule or secret of the same
name, and creates a stack over one whose creation was rolled back. AWS refuses both, so that what a failed creation leaves
behind blocks the next one.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
"""

import time

from seam import need

_QUEUE_NAME_PAUSE_SECONDS = 60


def open_seam(cloudformation, stacks, provisioners, services: dict) -> None:
    handlers = need(provisioners, "_RESOURCE_HANDLERS")
    deleted_queues = _remember_deleted_queues(handlers)
    provision = need(stacks, "_provision_resource")
    in_use = _names_in_use(services, deleted_queues)

    def provision_new(resource_type, logical_id, properties, stack_name):
        """Only for resources that are new in their stack: an update has another way."""
        name_property, refusal_of = in_use.get(resource_type, (None, None))
        name = (properties or {}).get(name_property)
        refusal = refusal_of(name) if name else None
        if refusal:
            raise ValueError(f'Resource handler returned message: "{refusal}"')
        return provision(resource_type, logical_id, properties, stack_name)

    stacks._provision_resource = provision_new
    _keep_rolled_back_stacks(cloudformation)


def _names_in_use(services: dict, deleted_queues: dict) -> dict:
    tables = need(services["dynamodb"], "_tables")
    functions = need(services["lambda"], "_functions")
    groups = need(services["logs"], "_log_groups")
    machines = need(services["stepfunctions"], "_state_machines")
    queues = need(services["sqs"], "_queues")
    topics = need(services["sns"], "_topics")
    schedules = need(services["scheduler"], "_schedules")
    secrets = need(services["secretsmanager"], "_secrets")

    def refused(resource_type, exists):
        return lambda name: f"Resource of type '{resource_type}' with identifier '{name}' already exists." if exists(name) else None

    def queue_refusal(name):
        if time.monotonic() - deleted_queues.get(name, -_QUEUE_NAME_PAUSE_SECONDS) < _QUEUE_NAME_PAUSE_SECONDS:
            return "You must wait 60 seconds after deleting a queue before you can create another with the same name."
        return refused("AWS::SQS::Queue", lambda wanted: _ends(queues, f"/{wanted}"))(name)

    def secret_refusal(name):
        secret = secrets.get(name)
        if secret is None:
            return None
        if secret.get("DeletedDate"):
            return "You can't create this secret because a secret with this name is already scheduled for deletion."
        return f"The operation failed because the secret {name} already exists."

    return {
        "AWS::DynamoDB::Table": ("TableName", refused("AWS::DynamoDB::Table", lambda name: name in tables)),
        "AWS::Lambda::Function": ("FunctionName", refused("AWS::Lambda::Function", lambda name: name in functions)),
        "AWS::Logs::LogGroup": ("LogGroupName", refused("AWS::Logs::LogGroup", lambda name: name in groups)),
        "AWS::StepFunctions::StateMachine": (
            "StateMachineName",
            refused("AWS::StepFunctions::StateMachine", lambda name: _ends(machines, f":stateMachine:{name}")),
        ),
        "AWS::SNS::Topic": ("TopicName", refused("AWS::SNS::Topic", lambda name: _ends(topics, f":{name}"))),
        "AWS::Scheduler::Schedule": ("Name", refused("AWS::Scheduler::Schedule", lambda name: _ends(schedules, f"/{name}"))),
        "AWS::SQS::Queue": ("QueueName", queue_refusal),
        "AWS::SecretsManager::Secret": ("Name", secret_refusal),
    }


def _ends(keys, suffix: str) -> bool:
    return any(key.endswith(suffix) for key in keys)


def _remember_deleted_queues(handlers: dict) -> dict:
    deleted: dict[str, float] = {}
    handler = handlers["AWS::SQS::Queue"]

    def delete(physical_id, properties):
        deleted[physical_id.rpartition("/")[2]] = time.monotonic()
        return handler["delete"](physical_id, properties)

    handlers["AWS::SQS::Queue"] = {**handler, "delete": delete}
    return deleted


def _keep_rolled_back_stacks(cloudformation) -> None:
    """A stack whose creation was rolled back has to be deleted before one with its name can be created; cdk does that."""
    actions = need(need(cloudformation, "handlers"), "_ACTION_HANDLERS")
    known = need(cloudformation, "_stacks")
    helpers = need(cloudformation, "helpers")
    error, parameter = need(helpers, "_error"), need(helpers, "_p")

    def refusing(action):
        handler = actions[action]

        def handle(params):
            name = parameter(params, "StackName")
            stack = known.get(name) or {}
            if stack.get("StackStatus") == "ROLLBACK_COMPLETE":
                return error("AlreadyExistsException", f"Stack [{name}] already exists")
            return handler(params)

        return handle

    for action in ("CreateStack", "CreateChangeSet"):
        actions[action] = refusing(action)
