"""Authorizes what MiniStack does on behalf of a role by the role's policies, as AWS does."""

from seam import need


def make_judge(evaluator, iam, report):
    """Returns judge(role_arn, action, resource), which returns None or AWS's message of the refusal, and reports either."""
    context_of = need(evaluator, "EvalContext")
    evaluate = need(evaluator, "evaluate")
    policies_of = need(evaluator, "_gather_role_policies")
    boundary_of = need(evaluator, "_permissions_boundary")
    roles = need(iam, "_roles")
    region = need(iam, "get_region")

    def judge(role_arn, action, resource):
        if not role_arn:
            return None  # the resource with the role no longer exists
        account, name = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
        session = f"arn:aws:sts::{account}:assumed-role/{name}/aws-service"
        context = context_of(
            principal_arn=session,
            principal_type="AssumedRole",
            principal_account=account,
            action=action,
            resource_arn=resource,
            region=region(),
        )
        allowed = evaluate(context, policies_of(name, account), *boundary_of(roles, name, account)).decision == "Allow"
        report({"principal": role_arn, "action": action, "resource": resource, "allowed": allowed})
        if allowed:
            return None
        return (
            f"User: {session} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action"
        )

    return judge


def check_before(provisioners, resource_type: str, check) -> None:
    """Runs `check` on a resource's properties before CloudFormation creates or updates it."""
    handler = need(provisioners, "_RESOURCE_HANDLERS")[resource_type]
    create, update = handler["create"], handler["update"]

    def create_checked(logical_id, properties, stack_name, *more, **named):
        check(properties or {})
        return create(logical_id, properties, stack_name, *more, **named)

    def update_checked(physical_id, old, new, *more, **named):
        check(new or {})
        return update(physical_id, old, new, *more, **named)

    handler["create"], handler["update"] = create_checked, update_checked
