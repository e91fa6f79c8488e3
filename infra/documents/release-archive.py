# The release's archive: checked as a whole before any of it is written.
import hashlib
import posixpath
import shutil
import stat
import tarfile

LARGEST_MEMBERS = 200000
LARGEST_BYTES = 4 * 1024 ** 3


class Failure(Exception):
    """A failure that the script prints as its result; `error` is one of the contract's names."""

    def __init__(self, error, message, serving=None):
        super().__init__(message)
        self.error = error
        # The restored release or service that responds again; None if nothing is known to respond.
        self.serving = serving


def verify_checksum(archive, expected):
    if not os.path.isfile(archive):
        raise Failure("DownloadFailed", "%s was not downloaded" % archive)
    digest = hashlib.sha256()
    with open(archive, "rb") as file:
        for part in iter(lambda: file.read(1024 * 1024), b""):
            digest.update(part)
    if digest.hexdigest() != expected:
        raise Failure("ChecksumMismatch", "expected SHA-256 %s, downloaded %s" % (expected, digest.hexdigest()))


def member_name(name):
    """The member's path inside the release; rejects a path that leads out of it."""
    if name.startswith("/") or "\0" in name or "\\" in name or ".." in name.split("/"):
        raise Failure("InvalidRelease", "the archive has a path outside the release: %r" % name[:100])
    return posixpath.normpath(name)


def check_link(name, target):
    # Only leading `..`, and no more than the depth: since nothing is below a link either, no chain of links leads out.
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = 0
    while ups < len(parts) and parts[ups] == "..":
        ups += 1
    if target.startswith("/") or ".." in parts[ups:] or ups > name.count("/"):
        raise Failure("InvalidRelease", "the archive has a link outside the release: %r" % name[:100])


def checked_members(archive):
    """Every member with its path, after all were checked."""
    kinds = dict()
    members = []
    size = 0
    for member in archive:
        name = member_name(member.name)
        if name == ".":
            continue
        size += member.size
        if len(members) >= LARGEST_MEMBERS or size > LARGEST_BYTES:
            raise Failure("InvalidRelease", "the archive has more than %d members or %d bytes" % (LARGEST_MEMBERS, LARGEST_BYTES))
        if name in kinds and not (member.isdir() and kinds[name] == "folder"):
            raise Failure("InvalidRelease", "the archive contains %r twice" % name[:100])
        if member.isdir():
            kinds[name] = "folder"
        elif member.isreg():
            kinds[name] = "file"
        elif member.issym():
            check_link(name, member.linkname)
            kinds[name] = "link"
        elif member.islnk() and kinds.get(member_name(member.linkname)) == "file":
            kinds[name] = "file"
        else:
            raise Failure("InvalidRelease", "the archive has a member that is not a file, folder or link: %r" % name[:100])
        members.append((name, member))
    for name in kinds:
        parent = posixpath.dirname(name)
        while parent:
            if kinds.get(parent, "folder") != "folder":
                raise Failure("InvalidRelease", "the archive has a path below a link or file: %r" % name[:100])
            parent = posixpath.dirname(parent)
    return members


def write_member(archive, name, member, folder):
    path = os.path.join(folder, name)
    os.makedirs(path if member.isdir() else os.path.dirname(path), exist_ok=True)
    if member.issym():
        os.symlink(member.linkname, path)
    elif member.islnk():
        shutil.copy2(os.path.join(folder, member_name(member.linkname)), path)
    elif member.isreg():
        with archive.extractfile(member) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target)
        os.chmod(path, stat.S_IMODE(member.mode) & 0o755 | 0o644)


def extract(archive_path, folder):
    try:
        with tarfile.open(archive_path, "r:gz") as archive:
            members = checked_members(archive)
            os.makedirs(folder)
            for name, member in members:
                write_member(archive, name, member, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Failure("InvalidRelease", "the archive cannot be extracted: %s" % describe(error)) from error
    try:
        start = read_contract(folder).get("start")
    except (OSError, ValueError) as error:
        raise Failure("InvalidRelease", "%s: %s" % (CONTRACT_FILE, type(error).__name__)) from error
    if not isinstance(start, list) or not start or not all(isinstance(part, str) and part for part in start):
        raise Failure("InvalidRelease", "%s has no start command" % CONTRACT_FILE)
