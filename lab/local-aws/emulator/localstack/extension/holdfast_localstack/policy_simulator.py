"""SimulatePrincipalPolicy by IAM's own rules, in the place that LocalStack's IAM has for a simulator."""

import json
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.iam import EvaluationResult, SimulatePolicyResponse, SimulatePrincipalPolicyRequest
from localstack.services.iam.provider import IamProvider
from localstack.services.iam.resources.policy_simulator import BasicIAMPolicySimulator
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider

from holdfast_localstack.policies import decide


class PolicySimulator(BasicIAMPolicySimulator):
    def simulate_principal_policy(self, context: RequestContext, request: SimulatePrincipalPolicyRequest) -> SimulatePolicyResponse:
        policies = self._policies(context, request["PolicySourceArn"])
        keys = {entry["ContextKeyName"].lower(): entry["ContextKeyValues"] for entry in request.get("ContextEntries") or []}
        results = [
            EvaluationResult(
                EvalActionName=action, EvalResourceName=resource, EvalDecision=decide(policies, action, resource, keys), MatchedStatements=[]
            )
            for action in request["ActionNames"]
            for resource in request.get("ResourceArns") or ["*"]
        ]
        return SimulatePolicyResponse(IsTruncated=False, EvaluationResults=results)

    def _policies(self, context: RequestContext, source: str) -> list[dict[str, Any]]:
        documents = self.get_policies_from_principal(self.get_iam_backend(context), source)
        # A role's first one is its trust policy, which says who may assume it.
        own = documents[1:] if ":role" in source else documents
        return [document if isinstance(document, dict) else json.loads(document) for document in own]


@aws_provider(api="iam", name="holdfast")
def iam() -> Service:
    provider = IamProvider()
    provider.policy_simulator = PolicySimulator()
    return Service.for_provider(provider, dispatch_table_factory=MotoFallbackDispatcher)
