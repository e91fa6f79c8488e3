# Reads what the application's environment takes from Secrets Manager and Parameter Store, as the server's role. Errors have names and
# AWS's codes, never a value.
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import time

CALL_ATTEMPTS = 5
CALL_SECONDS = 20
# For all calls together, from the first one on: systemd ends the unit at 90 s, and its file would still be the last start's.
ALL_SECONDS = 70
# Of many servers that start at once no two ask again at once: Parameter Store answers 40 calls a second of an account.
CALL_PAUSE_SECONDS = 6
# One call takes a second on a small instance.
CALLS_AT_ONCE = 4
# What can succeed at the next attempt; another code is final.
PASSING = re.compile(r"Throttl|TooMany|Internal|Unavailable|Timeout|RequestExpired|EndpointConnection")
LONGEST_VALUE_BYTES = 8192
LISTED_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
# The AWS CLI reads what begins with file:// from the disk.
LISTED_SOURCE = re.compile(r"(?:arn:[a-z0-9:-]+:(?:secret:|parameter(?=/)))?[A-Za-z0-9/_+=.@!-]{1,1024}")
LISTED_VERSION = re.compile(r"[A-Za-z0-9-]{1,64}")


class Unreadable(Exception):
    """A text without values, for people."""


# Of each call, were it the first; the first one's counts for all.
ends = []


def ask_aws(*arguments):
    """The answer of the AWS CLI. Raises Unreadable."""
    if os.path.realpath(shutil.which("aws") or "").endswith("/snap"):
        # Where a service starts, it has not the rights that a snap needs.
        raise Unreadable("the AWS CLI is a snap: install AWS's own")
    reason = "no answer"
    # A secret can have any character, which the CLI cannot print in the locale of a service. A document's script has the Region by another
    # name than a service.
    environment = dict(os.environ, LC_ALL="C.UTF-8", PYTHONIOENCODING="utf-8")
    environment.setdefault("AWS_DEFAULT_REGION", environment.get("AWS_SSM_REGION_NAME", ""))
    for attempt in range(CALL_ATTEMPTS):
        if attempt:
            time.sleep(CALL_PAUSE_SECONDS * random.uniform(0.2, 1))
        ends.append(time.monotonic() + ALL_SECONDS)
        try:
            done = subprocess.run(
                ("aws",) + arguments + ("--output", "json"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                timeout=min(CALL_SECONDS, ends[0] - time.monotonic()), env=environment,
            )
        except subprocess.TimeoutExpired:
            # Once more would take longer than the deploy waits that asks.
            break
        except OSError:
            raise Unreadable("the AWS CLI is not installed") from None
        if done.returncode == 0:
            try:
                return json.loads(done.stdout.decode("utf-8"))
            except (ValueError, RecursionError):
                raise Unreadable("the AWS CLI printed no JSON") from None
        code = re.search(r"\(([A-Za-z]{3,80})\)", done.stderr.decode("utf-8", "replace"))
        reason = code.group(1) if code else "the AWS CLI ended with %d" % done.returncode
        if not PASSING.search(reason) and (code or attempt > 1):
            break
    raise Unreadable(reason)


def read_source(source, version):
    """A source's text, the version that was read, and whether it is secret: a plain parameter is not."""
    if "secret" in source:
        more = ("--version-id", version) if version else ()
        answer = ask_aws("secretsmanager", "get-secret-value", "--secret-id", source["secret"], *more)
        if "SecretString" not in answer:
            raise Unreadable("it is binary, and a variable is text")
        version = str(answer.get("VersionId"))
        if not LISTED_VERSION.fullmatch(version):
            raise Unreadable("the id of its version has more than letters, digits and hyphens")
        return answer["SecretString"], version, True
    name = source["parameter"] + (":" + version if version else "")
    answer = ask_aws("ssm", "get-parameter", "--with-decryption", "--name", name)["Parameter"]
    return answer["Value"], str(answer["Version"]), answer.get("Type") == "SecureString"


def part_of(text, key):
    """The value of a secret's key, or all of it."""
    if key is None:
        return text
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise Unreadable("it is not a JSON object, which a key needs")
    if key not in values:
        raise Unreadable("it has no key %s" % json.dumps(key))
    value = values[key]
    if isinstance(value, (dict, list)) or value is None:
        raise Unreadable("its key %s is no text" % json.dumps(key))
    return value if isinstance(value, str) else json.dumps(value)


def usable(value):
    if len(value.encode("utf-8", "surrogatepass")) > LONGEST_VALUE_BYTES:
        raise Unreadable("its value is longer than %d bytes" % LONGEST_VALUE_BYTES)
    if "\0" in value or any(0xD800 <= ord(character) < 0xE000 for character in value):
        raise Unreadable("its value has a character that no variable can have")
    return value


def read_list(parameter, version=""):
    """The fleet's list by name, a text or a source each, and its version. Raises Unreadable."""
    try:
        text, read, _ = read_source(dict(parameter=parameter), version)
        listed = json.loads(text)
        if not all(map(is_listed, listed, listed.values())):
            raise Unreadable("it has what synthesis does not write")
        return listed, read
    except (Unreadable, ValueError, AttributeError, RecursionError) as error:
        reason = error if isinstance(error, Unreadable) else "it is not a list of variables"
        raise Unreadable("the list of variables (parameter %s) cannot be read: %s" % (parameter, reason)) from None


def is_listed(name, source):
    """Whether synthesis writes this: others can have the right to write the parameter."""
    if not LISTED_NAME.fullmatch(name):
        return False
    ids = [source.get("secret"), source.get("parameter")] if isinstance(source, dict) else []
    return isinstance(source, str) or any(isinstance(one, str) and LISTED_SOURCE.fullmatch(one) for one in ids)


def resolve(listed, versions):
    """
    By name: value, version and whether it is secret; and of the names that cannot be read, why.
    `versions` are those to read; the current one of a name that they do not have.
    """
    def source_key(name):
        source = listed[name]
        return "secret" in source, source.get("secret") or source["parameter"], versions.get(name, "")

    def read(key):
        is_secret, source, version = key
        try:
            return read_source(dict([("secret" if is_secret else "parameter", source)]), version)
        except Unreadable as error:
            return error

    names = [name for name in sorted(listed) if isinstance(listed[name], dict)]
    keys = sorted(set(map(source_key, names)))
    with concurrent.futures.ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        answers = dict(zip(keys, pool.map(read, keys)))
    values = dict((name, (value, "", False)) for name, value in listed.items() if isinstance(value, str))
    unread = dict()
    for name in names:
        is_secret, source, _ = key = source_key(name)
        try:
            if isinstance(answers[key], Unreadable):
                raise answers[key]
            text, version, hidden = answers[key]
            values[name] = usable(part_of(text, listed[name].get("key"))), version, hidden
        except Unreadable as error:
            # Without a colon behind the name: what follows one behind a password's name is masked where texts are shown.
            unread[name] = "%s (%s %s) cannot be used: %s" % (name, "secret" if is_secret else "parameter", source, error)
    return values, unread
