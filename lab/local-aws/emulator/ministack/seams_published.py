"""Seam: a function's code and configuration are published once.

MiniStack publishes another version after any two updates of a function, so that an update which was rolled back can be repeated although
its version is still there. Lambda compares what would be published with the last version, and CloudFormation refuses a version that
exists.
https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
https://github.com/aws/aws-cdk/issues/28252
"""

from seam import need

# What is a version's own, or changes with each update.
_OF_ITSELF = frozenset({"FunctionArn", "LastModified", "RevisionId", "RuntimeVersionConfig", "Version"})


def open_seam(lambda_svc, provisioners) -> None:
    handlers = need(provisioners, "_RESOURCE_HANDLERS")
    functions = need(lambda_svc, "_functions")
    function_of = need(provisioners, "_lambda_function_for_cfn_ref")
    publish = need(lambda_svc, "_publish_version")
    handler = handlers["AWS::Lambda::Version"]

    def create(logical_id, properties, stack_name):
        """With the last version marked as that of the function's revision, MiniStack's own handler refuses another one."""
        _mark_if_unchanged(function_of((properties or {}).get("FunctionName", ""))[0])
        return handler["create"](logical_id, properties, stack_name)

    def publish_once(name, data):
        _mark_if_unchanged(functions.get(name))
        return publish(name, data)

    handlers["AWS::Lambda::Version"] = {**handler, "create": create}
    lambda_svc._publish_version = publish_once


def _mark_if_unchanged(function) -> None:
    latest = max((function or {}).get("versions", {}), key=int, default=None)
    if latest is None:
        return
    version = function["versions"][latest]
    if _content(version["config"]) == _content(function["config"]):
        version["function_revision"] = function["config"]["RevisionId"]


def _content(config: dict) -> dict:
    return {key: value for key, value in config.items() if key not in _OF_ITSELF and not key.startswith(("State", "LastUpdateStatus"))}
