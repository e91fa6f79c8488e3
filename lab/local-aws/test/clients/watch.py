"""A session of boto3 that checks every answer it gets."""

import inspect
import re
import threading
import time
from datetime import datetime

import boto3
import botocore.config
from botocore.exceptions import ClientError
from check_answer import check_reply
from check_error import check_error

# One attempt: a refusal that a client would hide by a retry is one.
CONFIG = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
# Members that the emulator adds and every client ignores.
# Of an endpoint's state the model has capitals, which EC2 itself does not send.
EMULATOR = re.compile(
    r"ec2\.DescribeVpcs: vpcSet\[\d+\]\.(defaultNetworkAclId|defaultSecurityGroupId|mainRouteTableId): not in Vpc"
    r"|ec2\.\w+VpcEndpoints?: vpcEndpoint(Set\[\d+\])?\.state: 'available' is none of State.*"
)
# EC2 is the emulator's, but lists the gateway's machines; answers of its other services are not checked.
GATEWAY = {"ec2", "elbv2", "elasticache", "ssm", "autoscaling", "cloudwatch", "acm"}


def speaking(protocol):
    """A session for which services speak this protocol and no other."""
    session = boto3.Session()
    loader = session._session.get_component("data_loader")
    load = loader.load_service_model

    def narrowed(service_name, type_name, api_version=None):
        model = load(service_name, type_name, api_version)
        if type_name != "service-2":
            return model
        return {**model, "metadata": {**model["metadata"], "protocol": protocol, "protocols": [protocol]}}

    loader.load_service_model = narrowed
    return session


def timeless(value):
    """Without what the passing of time changes."""
    if isinstance(value, dict):
        return {name: timeless(member) for name, member in value.items()}
    if isinstance(value, list):
        return [timeless(item) for item in value]
    return "a time" if isinstance(value, datetime) else value


class Watch:
    """Clients, and what they saw."""

    def __init__(self):
        self._clients = {}
        # Clients may be used by several threads, but made by one at a time.
        self._making = threading.Lock()
        self.faults = []
        self.command_line = None
        self.operations = set()
        self.waiters = set()
        self.paginators = set()
        self.checked = 0

    def client(self, name, protocol=None):
        """@param protocol: one of those that the service speaks; the one that boto3 prefers by itself"""
        key = (name, protocol)
        with self._making:
            if key not in self._clients:
                session = boto3.Session() if protocol is None else speaking(protocol)
                client = session.client(name, config=CONFIG)
                client.meta.events.register("before-parse", self.checker(name))
                self._clients[key] = client
            return self._clients[key]

    def checker(self, name):
        """What botocore calls with an answer that it has not parsed yet."""

        def check(operation_model, response_dict, judged_by=None, **_):
            status, body = response_dict["status_code"], response_dict["body"]
            if name not in GATEWAY:
                return
            self.checked += 1
            protocol = operation_model.service_model.resolved_protocol
            if status < 300:
                self.operations.add((name, operation_model.name))
                found = check_reply(judged_by or operation_model, protocol, body)
            else:
                found = check_error(judged_by or operation_model, protocol, status, response_dict["headers"], body)
            described = [f"{name}.{operation_model.name}: {fault}" for fault in found]
            self.faults += [fault for fault in described if not EMULATOR.fullmatch(fault)]

        return check

    def refused(self, code, operation, **parameters):
        """Calls an operation that has to be refused with this code."""
        try:
            operation(**parameters)
        except ClientError as error:
            got = error.response["Error"]["Code"]
        else:
            got = "no error"
        if got != code:
            self.faults.append(f"{operation.__name__} gave {got} and not {code}")

    def expect(self, what, got, wanted):
        if got != wanted:
            self.faults.append(f"{what}: {got!r} and not {wanted!r}")

    def until(self, look, limit_seconds=30):
        """What `look` gives, once it gives something."""
        end = time.monotonic() + limit_seconds
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > end:
                raise TimeoutError(f"nothing in {limit_seconds} s: {inspect.getsource(look).strip()}")
            time.sleep(0.1)

    def wait(self, service, name, delay=0.2, attempts=150, **parameters):
        """A waiter of botocore's, which checks more often than by itself."""
        client = self.client(service) if isinstance(service, str) else service
        client.get_waiter(name).wait(WaiterConfig={"Delay": delay, "MaxAttempts": attempts}, **parameters)
        self.waiters.add((client.meta.service_model.service_name, name))

    def pages(self, service, operation, key, size, least=2, **parameters):
        """Goes through a list in pages of this size; expects at least so many pages, and what one call for all gives."""
        client = self.client(service) if isinstance(service, str) else service
        service = client.meta.service_model.service_name
        pager = client.get_paginator(operation)
        # What runs may change between the two: a difference that stays is a fault.
        for _ in range(3):
            pages = list(pager.paginate(**parameters, **({"PaginationConfig": {"PageSize": size}} if size else {})))
            items = [item for page in pages for item in page.get(key, [])]
            whole = [item for page in pager.paginate(**parameters) for item in page.get(key, [])]
            if timeless(items) == timeless(whole):
                break
        self.expect(f"{service} {operation} in pages of {size}", timeless(items), timeless(whole))
        if len(pages) < least or (size and any(len(page.get(key, [])) > size for page in pages)):
            self.faults.append(f"{service} {operation}: pages of {size} have {[len(page.get(key, [])) for page in pages]}")
        self.paginators.add((service, operation))
        return items
