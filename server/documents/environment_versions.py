# Which versions of its secrets and parameters the application runs with, and which it has to start with: never a value.
import json
import os

FOLDER = os.environ.get("HOLDFAST_ROOT") or "/opt/holdfast"
# In memory, like the values: written with them.
IN_USE = os.path.join(FOLDER, "run", "versions.json")
# Of a rollback: the versions that every start takes until the next install or boot.
RECORDED = os.path.join(FOLDER, "run", "recorded.json")
# Exists while an install starts the release: it has to have what was ordered, and not the values of the last start.
INSTALLING = os.path.join(FOLDER, "run", "installing")
# The list's own version among the others, a name that no variable can have; and that of no list.
LIST = "list"
NO_LIST = "0"


def read_versions(path):
    """Versions by name; empty without any."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return dict()
    return found if isinstance(found, dict) else dict()


def write_versions(path, versions):
    """Removes the file of no versions."""
    if not versions:
        if os.path.lexists(path):
            os.remove(path)
        return
    temporary = path + ".new"
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w", encoding="utf-8") as file:
        json.dump(versions, file)
    os.replace(temporary, path)
