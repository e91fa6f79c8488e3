# The release's archive: checked as a whole before any of it is written. It is opened once: what is extracted is what was
# verified. Limits: those of `holdfast releases publish`.
import gzip
import hashlib
import os
import posixpath
import shutil
import stat
import tarfile
import zlib

from instance import CONTRACT_FILE, describe, read_contract
from words import printable

LARGEST_MEMBERS = 100000
LARGEST_BYTES = 1024 ** 3
# tarfile reads one member's headers as a whole, and each of their settings takes many times its size.
LARGEST_HEADER = 1024 ** 2
MOST_SETTINGS = 16
# What a member takes in the archive next to its content, with a long name.
HEADER_BYTES = 4096
LONGEST_NAME = 1024
# As the system follows.
MOST_LINKS = 40
# What stays free on the disk.
SPARE_BYTES = 64 * 1024 ** 2


class Failure(Exception):
    """A failure that the script prints as its result; `error` is one of the contract's names."""

    def __init__(self, error, message, serving=None, evidence=None):
        super().__init__(message)
        self.error = error
        # What else the result has: the service's state, its journal, the request that was not answered.
        self.evidence = evidence or dict()
        # The restored release or service that responds again; None if nothing is known to respond.
        self.serving = serving


def invalid(reason, *values):
    return Failure("InvalidRelease", "the archive " + reason % values)


class Unzipped(gzip.GzipFile):
    """The archive's content, of which tarfile gets no more into memory than LARGEST_HEADER before `header_bytes` is reset."""

    header_bytes = 0

    def read(self, size=-1):
        self.header_bytes += LARGEST_HEADER + 1 if size is None or size < 0 else size
        if self.header_bytes > LARGEST_HEADER:
            raise invalid("has a header of more than %d bytes", LARGEST_HEADER)
        return super().read(size)


def open_verified(path, expected):
    """The downloaded archive, open at its beginning, once its checksum is right."""
    try:
        # Neither a link nor a pipe, which would lead or wait elsewhere.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    except OSError as error:
        raise Failure("DownloadFailed", "%s was not downloaded" % path) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise Failure("DownloadFailed", "%s is not a file" % path)
    digest = hashlib.sha256()
    for part in iter(lambda: file.read(1024 * 1024), b""):
        digest.update(part)
    if digest.hexdigest() != expected:
        raise Failure("ChecksumMismatch", "expected SHA-256 %s, downloaded %s" % (expected, digest.hexdigest()))
    file.seek(0)
    return file


def member_name(name):
    """The member's path inside the release; rejects a path that leads out of it."""
    if name.startswith("/") or "\0" in name or "\\" in name or ".." in name.split("/"):
        raise invalid("has a path outside the release: %r", name[:100])
    if printable(name) != name:
        raise invalid("has a path with a character that is not seen: %r", name[:100])
    if len(name) > LONGEST_NAME:
        raise invalid("has a path of more than %d characters", LONGEST_NAME)
    return posixpath.normpath(name)


def check_link(name, target):
    # Only leading `..`, and no more than the depth: since nothing is below a link either, no chain of links leads out.
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = 0
    while ups < len(parts) and parts[ups] == "..":
        ups += 1
    if target.startswith("/") or ".." in parts[ups:] or ups > name.count("/"):
        raise invalid("has a link outside the release: %r", name[:100])
    if not target or "\\" in target or printable(target) != target:
        raise invalid("has a link that no release can have: %r", name[:100])


def leads_back(name, links):
    """Whether a link leads to a folder that it is in: who follows it walks without end."""
    path = name
    for _ in range(MOST_LINKS):
        parts = path.split("/")
        at = next((at for at in range(1, len(parts) + 1) if "/".join(parts[:at]) in links), 0)
        if not at:
            return not path or name.startswith(path + "/")
        link = "/".join(parts[:at])
        path = posixpath.normpath(posixpath.join("/", posixpath.dirname(link), links[link], *parts[at:])).strip("/")
    return False


def checked_members(archive, content):
    """Every member with its path, after all were checked; and the bytes that they will have on the disk."""
    kinds = dict()
    sizes = dict()
    links = dict()
    members = []
    total = 0
    for member in archive:
        name = member_name(member.name)
        total += content.header_bytes
        content.header_bytes = 0
        if len(member.pax_headers) > MOST_SETTINGS or member.issparse() or len(member.linkname) > LONGEST_NAME:
            raise invalid("has a member with settings that no release needs: %r", name[:100])
        member.pax_headers = dict()
        if name == ".":
            continue
        if name in kinds and not (member.isdir() and kinds[name] == "folder"):
            raise invalid("contains %r twice", name[:100])
        size = member.size
        if member.isdir():
            kinds[name] = "folder"
        elif member.isreg():
            kinds[name] = "file"
        elif member.issym():
            check_link(name, member.linkname)
            kinds[name] = "link"
            links[name] = member.linkname
        elif member.islnk() and kinds.get(member_name(member.linkname)) == "file":
            kinds[name] = "file"
            # Written as a copy.
            size = sizes[member_name(member.linkname)]
        else:
            raise invalid("has a member that is not a file, folder or link: %r", name[:100])
        sizes[name] = size
        total += size
        members.append((name, member))
        if size < 0 or len(members) > LARGEST_MEMBERS or total > LARGEST_BYTES + len(members) * HEADER_BYTES:
            raise invalid("has more than %d members or %d bytes", LARGEST_MEMBERS, LARGEST_BYTES)
    for name in kinds:
        parent = posixpath.dirname(name)
        while parent:
            if kinds.get(parent, "folder") != "folder":
                raise invalid("has a path below a link or file: %r", name[:100])
            parent = posixpath.dirname(parent)
    for name in links:
        if leads_back(name, links):
            raise invalid("has a link to a folder that it is in: %r", name[:100])
    return members, total


def write_member(archive, name, member, folder, is_bundle):
    path = os.path.join(folder, name)
    os.makedirs(path if member.isdir() else os.path.dirname(path), exist_ok=True)
    if member.issym():
        os.symlink(member.linkname, path)
    elif member.islnk():
        shutil.copy2(os.path.join(folder, member_name(member.linkname)), path)
    elif member.isreg():
        with archive.extractfile(member) as source, open(path, "xb") as target:
            shutil.copyfileobj(source, target, 64 * 1024)
        # A bundle's copies have its modes, without set-id bits. What a release has, its service must be able to read.
        os.chmod(path, member.mode & 0o777 if is_bundle else member.mode & 0o755 | 0o644)


def extract(file, folder, is_bundle=False):
    """Writes the members of the open archive to a new folder. Returns its contract, which is that of a CodeDeploy bundle or of none."""
    try:
        with Unzipped(fileobj=file, mode="rb") as content, tarfile.open(fileobj=content, mode="r:") as archive:
            members, total = checked_members(archive, content)
            free = shutil.disk_usage(os.path.dirname(folder)).free
            if total + SPARE_BYTES > free:
                raise invalid("needs %d bytes, and the server has %d free: remove files or enlarge its disk", total + SPARE_BYTES, free)
            os.makedirs(folder, 0o700 if is_bundle else 0o777)
            for name, member in members:
                content.header_bytes = -member.size
                write_member(archive, name, member, folder, is_bundle)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, OverflowError, RecursionError) as error:
        raise invalid("cannot be extracted: %s", describe(error)) from error
    try:
        contract = read_contract(folder)
    except (OSError, ValueError) as error:
        raise Failure("InvalidRelease", "%s: %s" % (CONTRACT_FILE, type(error).__name__)) from error
    start = contract.get("start")
    if not isinstance(start, list) or not start or not all(isinstance(part, str) and part for part in start):
        raise Failure("InvalidRelease", "%s has no start command" % CONTRACT_FILE)
    if is_bundle != ("bundle" in contract):
        kinds = ("no CodeDeploy bundle, and this fleet has", "a CodeDeploy bundle, and this fleet has none of")
        message = "the release is %s them; nothing was changed: publish it to a fleet of its kind" % kinds["bundle" in contract]
        raise Failure("InvalidRelease", message)
    return contract
