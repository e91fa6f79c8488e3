# Words that an application or a publisher chose, before they are a part of a result: one line, which steers no terminal and has no secret.
import os
import re
import shlex

from instance import INSTANCE_ENVIRONMENT, ROOT
from redact import Redactor, server_secrets
from run_quietly import run_quietly, shorten
from words import shown_path


def environment_lines(text):
    """The variables of systemd's `Environment` property, one per line. It quotes one with a space, as a shell does."""
    try:
        words = shlex.split(text)
    except ValueError:
        return text.replace(" ", "\n")
    # In double quotes a shell reads `\$` as well, which shlex does not.
    variables = [re.sub(r"\\([$`])", r"\1", word).partition("=") for word in words]
    return "\n".join('%s="%s"' % (name, re.sub(r'(["\\])', r"\\\1", value)) for name, _, value in variables)


def service_redactor(properties):
    """Knows the secrets in the service's environment and its environment files."""
    environments = [environment_lines(properties.get("Environment", ""))]
    files = [line.partition(" (ignore_errors")[0] for line in properties.get("EnvironmentFiles", "").splitlines()]
    own = [os.path.join(ROOT, "run", name) for name in ("store.env", "known.env")]
    for path in set(files + [INSTANCE_ENVIRONMENT] + own):
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                # The application's own files can be of any length.
                environments.append(file.read() if path in own else file.read(256 * 1024))
        except (OSError, ValueError):
            pass
    return Redactor(server_secrets(environments))


def foreign_words(text, limit):
    """A text of the application as a part of a sentence, at most so long. What a limit cut of it is not recognised: give it whole."""
    return shorten(service_redactor(dict()).line(" ".join(text.split())), limit)


def local_url(port, path):
    """What was requested on this server."""
    return "http://127.0.0.1:%d%s" % (port, shown_path(path))


def service_properties(service, names, limit_seconds):
    """Properties of `systemctl show` by name; of one that has several values, the lines of all."""
    properties = dict()
    for line in run_quietly("systemctl", "show", "--no-pager", "--property=" + names, service, limit_seconds=limit_seconds).splitlines():
        name, _, value = line.partition("=")
        properties[name] = (properties[name] + "\n" if name in properties else "") + value
    return properties
