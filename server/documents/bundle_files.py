# The files of a CodeDeploy bundle on the server: where they go, what of them is there already, their permissions, and their removal.
import contextlib
import errno
import fnmatch
import grp
import json
import os
import pwd
import shutil
import stat

from instance import ETC, ROOT, parse_json, private
from folders import open_parts
from release_archive import LARGEST_BYTES, LARGEST_MEMBERS, SPARE_BYTES, Failure
from bundle_hooks import in_bundle, on_server

# A path as JSON per line, each written before the file is.
BUNDLE_FILES = os.path.join(ETC, "bundle-files")
# What an adopted server had instead of a release's files, below the version.
ADOPTED = os.path.join(os.path.realpath(ETC), "adopted")
NEWLY_KEPT = os.path.join(ADOPTED, ".new")


def without_links(folder, removed=()):
    """The folder's path once links of root's alone are followed; the rest of it need not exist. Raises OSError for another link that is not
    one of the `removed`; with None all are."""
    try:
        file, path = open_parts("/", folder.split("/"), True)
        os.close(file)
        return path
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(folder) and removed is not None and folder not in removed:
            message = "a link that leads nowhere, up, or is not root's alone: remove it in BeforeInstall, or name where it leads as the destination"
            raise OSError(errno.ELOOP, message, folder) from None
        return os.path.join(without_links(os.path.dirname(folder), removed), os.path.basename(folder))


@contextlib.contextmanager
def parent_of(path):
    """Descriptor of a path's folder, and the name in it: no part of the path has become a link since it was planned."""
    folder, _ = open_parts("/", os.path.dirname(path).split("/"), False)
    try:
        yield folder, os.path.basename(path)
    finally:
        os.close(folder)


def unlinked(path, flags):
    """Opens a folder, or a file that has no other name. A pipe is not waited for."""
    with parent_of(path) as (folder, name):
        file = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600, dir_fd=folder)
    about = os.fstat(file)
    if not stat.S_ISDIR(about.st_mode) and (not stat.S_ISREG(about.st_mode) or about.st_nlink != 1):
        os.close(file)
        raise OSError(errno.EINVAL, "is not a file of its own", path)
    return file


def entries(source, target, removed, within=()):
    """The source of each file and link, None for a folder, and where it goes: first what a folder is in, then the folder. As the agent
    copies it, a link to a folder is this folder."""
    if os.path.isdir(source):
        source = os.path.realpath(source)
        if source in within:
            raise Failure("InvalidRelease", "a link of the bundle leads back to %s, which it is in; nothing was changed: remove it" % source)
        # No link of a path is left in it: what is removed later is what was written.
        target = without_links(target, removed)
        yield None, target
        for name in sorted(os.listdir(source)):
            yield from entries(os.path.join(source, name), os.path.join(target, name), removed, within + (source,))
    else:
        yield source, os.path.join(without_links(os.path.dirname(target), removed), os.path.basename(target))


def planned(release, bundle, adopted="", removed=()):
    """Where `files` go: the source of each file and link by its path, and all folders. Raises Failure and OSError."""
    files, folders, size = dict(), dict(), 0
    for each in bundle["files"]:
        source, target = in_bundle(release, each["source"]), on_server(each["destination"])
        if not os.path.isdir(source):
            target = os.path.join(target, os.path.basename(source))
            source = os.path.join(os.path.realpath(os.path.dirname(source)), os.path.basename(source))
        for source, target in entries(source, target, removed):
            if (target + "/").startswith(os.path.realpath(ROOT) + "/"):
                raise Failure("InvalidRelease", "%s is in Holdfast's own folder; nothing was changed: name another destination" % target)
            kept = adopted and adopted + target
            # A folder can have two names on the server.
            if (target in files and files[target] not in (source, kept)) or (source and target in folders):
                raise Failure("InvalidRelease", "files has two sources for %s; nothing was changed: remove one of them" % target)
            if source is None:
                folders[target] = None
            else:
                files[target] = kept if os.path.lexists(kept) else source
                size += os.lstat(source).st_size
            if len(files) + len(folders) > LARGEST_MEMBERS or size > LARGEST_BYTES:
                message = "its links to folders make more than %d files or %d bytes of it; nothing was changed: remove some"
                raise Failure("InvalidRelease", message % (LARGEST_MEMBERS, LARGEST_BYTES))
    return files, folders


def permitted(bundle, files, folders):
    """What `permissions` gives to each path, among those that an Install copies or makes, as the agent finds them: nothing
    behind a link that is not root's alone. Raises Failure."""
    found = dict()
    for permission in bundle["permissions"]:
        only, pattern, excepted = on_server(permission["object"]), permission.get("pattern") or "**", permission.get("except") or []
        only = os.path.join(without_links(os.path.dirname(only), None), os.path.basename(only))
        types = permission.get("type", ["file", "directory"])
        paths = [path for kind, of in (("file", files), ("directory", folders)) if kind in types for path in of]
        if only in files:
            if "file" in types and (pattern != "**" or excepted):
                raise Failure("InvalidRelease", "permissions has a pattern or except for the file %s; nothing was changed: remove it" % permission["object"])
            matching = [only] if "file" in types else []
        else:
            base = without_links(only, None).rstrip("/") + "/"
            below = [(path, path[len(base):]) for path in paths if path.startswith(base)]
            matching = [
                path for path, name in below
                if (pattern == "**" or is_like(name, pattern)) and not any(is_like(name, each) for each in excepted)
            ]
        for path in matching:
            if path in found:
                raise Failure("InvalidRelease", "permissions names %s more than once; nothing was changed: remove one of them" % path)
            found[path] = permission
    return found


def is_like(name, pattern):
    """Only `*` means something, and nothing below a folder matches."""
    return "/" not in name and fnmatch.fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]"))


def check_accounts(bundle):
    """Raises Failure for a user or group that the server does not have. Scripts of BeforeInstall can create those of what follows them."""
    first = bundle["hooks"].get("BeforeInstall") or []
    for each in first or sum(bundle["hooks"].values(), list(bundle["permissions"])):
        for name, find in (("runas", pwd.getpwnam), ("owner", pwd.getpwnam), ("group", grp.getgrnam)):
            try:
                find(each.get(name) or "root")
            except KeyError as error:
                message = "this server has no %s %s; nothing was changed: create it in the image or in BeforeInstall" % (name, each[name])
                raise Failure("InvalidRelease", message) from error


def differences(files):
    """Which of them the server does not have, and which differ there."""
    missing = [target for target in files if not os.path.lexists(target)]
    return missing, [target for target, source in files.items() if os.path.lexists(target) and not is_equal(source, target)]


def is_equal(source, target):
    if os.path.islink(source) or os.path.islink(target):
        return os.path.islink(source) and os.path.islink(target) and os.readlink(source) == os.readlink(target)
    try:
        with open(source, "rb") as one, open(target, "rb", opener=unlinked) as other:
            parts = iter(lambda: (one.read(1024 * 1024), other.read(1024 * 1024)), (b"", b""))
            return all(part == same for part, same in parts)
    except OSError:
        return False


def keep(different):
    """Copies what an adopted server has instead of the release's files, for a rollback. Raises OSError."""
    size = sum(os.lstat(target).st_size for target in different)
    if size > min(LARGEST_BYTES, shutil.disk_usage(ETC).free - SPARE_BYTES):
        raise OSError(errno.ENOSPC, "the files that differ have %d bytes, too many to keep" % size)
    shutil.rmtree(NEWLY_KEPT, ignore_errors=True)
    os.makedirs(ADOPTED, mode=0o700, exist_ok=True)
    for target in different:
        os.makedirs(os.path.dirname(NEWLY_KEPT + target), exist_ok=True)
        copy(target, NEWLY_KEPT + target)


def copy(source, target):
    """With its modes, owner and time, by which Tomcat knows a new WAR. What was there is replaced, and no link is written through."""
    with parent_of(target) as (folder, name):
        with contextlib.suppress(FileNotFoundError):
            os.remove(name, dir_fd=folder)
        if os.path.islink(source):
            return os.symlink(os.readlink(source), name, dir_fd=folder)
    with open(source, "rb", opener=unlinked) as content, open(target, "xb", opener=unlinked) as written:
        shutil.copyfileobj(content, written, 1024 * 1024)
        of = os.fstat(content.fileno())
        os.fchown(written.fileno(), of.st_uid, of.st_gid)
        os.fchmod(written.fileno(), of.st_mode & 0o777)
        written.flush()
        os.utime(written.fileno(), ns=(of.st_atime_ns, of.st_mtime_ns))


def refuse_existing(files, listed, error):
    for target in sorted(set(files).difference(listed)):
        if os.path.lexists(target):
            text = (
                "%s exists, no earlier Install brought it, and file_exists_behavior is DISALLOW; no file was copied: for a server's first bundle "
                "publish what runs there with holdfast releases publish VERSION FOLDER --adopt"
            )
            raise Failure(error, text % target)


def refuse_folders(files, error):
    for target in files:
        if os.path.isdir(target) and not os.path.islink(target):
            raise Failure(error, "%s is a folder on the server, and a file goes there; no file was copied: remove it in BeforeInstall" % target)


def set_aside(files, folders, token):
    """Renames what stands where a file or folder goes and is none: nothing of it is lost."""
    for path in list(folders) + list(files):
        is_folder = os.path.isdir(path) and not os.path.islink(path)
        if os.path.lexists(path) and not is_folder if path in folders else is_folder:
            with parent_of(path) as (folder, name):
                os.rename(name, "%s.holdfast-%d" % (name, token), src_dir_fd=folder, dst_dir_fd=folder)


def place(files, folders, bundle, behavior):
    """The event Install, after the removal of what the last one brought. Raises OSError, KeyError and Failure."""
    if behavior == "DISALLOW":
        refuse_existing(files, [], "HookFailed")
    if behavior == "RETAIN":
        files = dict((target, source) for target, source in files.items() if not os.path.lexists(target))
    refuse_folders(files, "HookFailed")
    missing = set()
    for folder in list(folders) + [os.path.dirname(target) for target in files]:
        while folder not in missing and not os.path.isdir(folder):
            missing.add(folder)
            folder = os.path.dirname(folder)
    # Before a local user can put a link in the way.
    permissions = permitted(bundle, files, missing)
    with open(BUNDLE_FILES, "w", opener=private) as listed:
        for folder in sorted(missing):
            with parent_of(folder) as (above, name):
                os.mkdir(name, dir_fd=above)
            enlist(folder, listed)
        for target, source in files.items():
            enlist(target, listed)
            copy(source, target)
    for path, permission in permissions.items():
        permit(path, permission)


def enlist(path, listed):
    listed.write(json.dumps(path) + "\n")
    listed.flush()


def permit(path, permission):
    """First the mode and then the owner, as the agent does; but through no link, which a local user can put there."""
    if os.path.islink(path):
        return
    file = unlinked(path, os.O_RDONLY)
    try:
        if permission.get("mode"):
            os.fchmod(file, int(permission["mode"], 8))
        owner, group = permission.get("owner"), permission.get("group")
        if owner or group:
            os.fchown(file, pwd.getpwnam(owner).pw_uid if owner else -1, grp.getgrnam(group).gr_gid if group else -1)
    finally:
        os.close(file)


def remove_listed():
    """Removes what the last Install brought, and what of it was written if it failed: folders only when empty."""
    for path in reversed(listed_files()):
        # A link that has come into its path since then leads to what was not brought.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), parent_of(path) as (folder, name):
            if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                with contextlib.suppress(OSError):
                    os.rmdir(name, dir_fd=folder)
            else:
                os.remove(name, dir_fd=folder)


def listed_files():
    try:
        with open(BUNDLE_FILES, encoding="utf-8") as listed:
            # What a kill cut is not a line, and was not written either.
            return [parse_json(line) for line in listed if line.endswith("\n")]
    except OSError:
        return []
