"""Seam: GetAccountSettings is an action of its own.

MiniStack answers it, and names no action for its path, so that its policy evaluator could not judge who may call it.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

from seam import need


def open_seam(actions) -> None:
    name = need(actions, "_lambda_action")

    def name_action(method, path):
        is_settings = method == "GET" and path.rstrip("/").endswith("/account-settings")
        return "GetAccountSettings" if is_settings else name(method, path)

    actions._lambda_action = name_action
