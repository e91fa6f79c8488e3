# Folders that are opened part by part: no link that somebody else than an administrator made leads out of them, however late it is made.
import os
import stat

FOLLOWED_LINKS = 8
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def open_parts(start, parts, follows):
    """Descriptor of the folder that the parts lead to, and its path without links. `follows` an administrator's links. Raises OSError."""
    folder, path = os.open(start, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), start
    links = 0
    parts = list(parts)
    while parts:
        part = parts.pop(0)
        if part in ("", "."):
            continue
        try:
            inner = os.open(part, DIRECTORY, dir_fd=folder)
            path = os.path.join(path, part)
        except OSError:
            links += 1
            target = trusted_link(folder, part) if follows and links <= FOLLOWED_LINKS else None
            if target is None:
                os.close(folder)
                raise
            steps = [step for step in target.split("/") if step not in ("", ".")]
            ups = next((at for at, step in enumerate(steps) if step != ".."), len(steps))
            if ".." in steps[ups:]:
                os.close(folder)
                raise
            # `path` has no link left in it: what is above it is known by its name.
            above = [] if target.startswith("/") else path.strip("/").split("/")
            parts = above[: max(len(above) - ups, 0)] + steps[ups:] + parts
            path, inner = "/", os.open("/", DIRECTORY)
        os.close(folder)
        folder = inner
    return folder, path


def trusted_link(folder, name):
    """Returns where a link to a folder leads if an administrator made it, so that nobody else can change it or its parent; else None."""
    own = (0, os.geteuid())
    parent = os.fstat(folder)
    try:
        link = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISLNK(link.st_mode) or link.st_uid not in own or parent.st_uid not in own or parent.st_mode & 0o022:
            return None
        target = os.readlink(name, dir_fd=folder)
    except OSError:
        return None
    return target
