# A log's files, from the latest line back: opened so that no link leads out of their folder, and read within a budget.
import os
import re
import stat
import zlib

from instance import ROOT
from folders import open_parts

# All that is read of the server's logs in one run, after decompression.
READ_BYTES = 20 * 1024 * 1024
BLOCK_BYTES = 1024 * 1024
# A compressed file has to be read from its beginning, and is read this far.
UNPACKED_BYTES = 100 * 1024 * 1024
MOST_FILES = 40
DATA = os.path.join(ROOT, "var")
# O_NONBLOCK: a pipe would never open.
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class NoLog(Exception):
    """A log that cannot be read, or must not be. The message is the end of a sentence about its path or pattern."""


def check_log_path(path):
    """Folder and name of a log: below HOLDFAST_DATA, or an absolute path with a folder for logs in it."""
    if not isinstance(path, str) or not 0 < len(path) <= 256 or re.search(r"[\x00-\x1f]", path):
        raise NoLog("is not a path of at most 256 characters")
    folder, _, name = path.rpartition("/")
    parts = [part for part in folder.split("/") if part]
    if ".." in parts or "." in parts or name in ("", ".", "..") or "*" in folder:
        raise NoLog("has .., or * in a folder's name")
    if not path.startswith("/"):
        return DATA, parts, name
    if not any(re.fullmatch(r"logs?", part) for part in parts):
        raise NoLog("is neither below HOLDFAST_DATA nor in a folder named log or logs")
    if os.path.normpath(path).startswith(os.path.normpath(ROOT) + "/") and not os.path.normpath(path).startswith(os.path.normpath(DATA) + "/"):
        raise NoLog("is in Holdfast's own folder")
    return "/", parts, name


def open_folder(path):
    """Descriptor of the log's folder, and the file's name. Raises NoLog, OSError."""
    start, parts, name = check_log_path(path)
    return open_parts(start, parts, start == "/")[0], name


def open_log(folder, name):
    """Descriptor of one regular file in the folder. A link to a name in the same folder is followed once."""
    try:
        file = os.open(name, FILE, dir_fd=folder)
    except OSError:
        target = os.readlink(name, dir_fd=folder)
        if "/" in target or target in (".", ".."):
            raise NoLog("is a link to another folder") from None
        file = os.open(target, FILE, dir_fd=folder)
    about = os.fstat(file)
    # A file with two names can be another folder's.
    if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
        os.close(file)
        raise NoLog("is not a file of its own")
    return file, about


def rotated_expression(name):
    """Matches the names of a log and its rotated files. Each date but the last is the shortest one that the name allows; none other is tried."""
    date = r"[0-9._-]*"
    first, *parts = [re.escape(part) for part in re.split(r"\*+", name)]
    for number, part in enumerate(parts):
        first += date + part if number == len(parts) - 1 else "(?=(?P<part%d>%s?%s))(?P=part%d)" % (number, date, part, number)
    return re.compile(first + r"(?:[.-][0-9T_-]{1,20})?(?:\.gz)?")


def files_of(folder, name):
    """The log and its rotated files, the latest first: name, .1, .2.gz, -20261121.gz and the like. `*` is any date in the name."""
    rotated = rotated_expression(name)
    found = []
    for number, entry in enumerate(os.scandir(folder)):
        if number >= 10000:
            break
        if rotated.fullmatch(entry.name):
            try:
                found.append((os.stat(entry.name, dir_fd=folder, follow_symlinks=False).st_mtime, entry.name))
            except OSError:
                continue
    # If two have the same time, the one without a number is the later one.
    return [entry for _, entry in sorted(found, key=lambda item: (-item[0], len(item[1]), item[1]))][:MOST_FILES]


class Reading:
    """What one run has read: of all logs together, so that a budget holds for the sum."""

    def __init__(self, budget=READ_BYTES):
        self.left = budget
        self.gaps = []
        # What was asked for is not whole: a log goes on before what was read, or a part of it could not be read.
        self.cut = False

    def blocks(self, path, since_ms, with_unended=True):
        """
        Lists of lines, from the latest block back to files that were not written since. `with_unended`: also a file's last line without an end, which
        can be half of one. Raises NoLog, OSError.
        """
        folder, name = open_folder(path)
        try:
            seen = set()
            names = files_of(folder, name)
            if not names:
                raise FileNotFoundError(2, os.strerror(2))
            for each in names:
                try:
                    file, about = open_log(folder, each)
                except (OSError, NoLog) as error:
                    self.cut = True
                    self.gaps.append("%s: %s" % (each, error if isinstance(error, NoLog) else describe_os(error)))
                    continue
                with os.fdopen(file, "rb") as opened:
                    if about.st_ino in seen or about.st_mtime * 1000 < since_ms:
                        continue
                    seen.add(about.st_ino)
                    if self.left <= 0:
                        self.cut = True
                        self.gaps.append("%s: older than the %d MB that are read" % (each, READ_BYTES // 1024 // 1024))
                        return
                    yield from self.unpacked(opened, each) if each.endswith(".gz") else self.backwards(opened, about.st_size, with_unended)
            if len(names) >= MOST_FILES:
                self.cut = True
        finally:
            os.close(folder)

    def backwards(self, file, size, with_unended):
        """A file's lines, by blocks from its end."""
        end = size
        rest = b""
        while end > 0 and self.left > 0:
            begin = max(0, end - min(BLOCK_BYTES, self.left))
            file.seek(begin)
            data = file.read(end - begin)
            self.left -= max(len(data), 1)
            data = data + rest if with_unended or end < size else data[:data.rfind(b"\n") + 1]
            end = begin
            # A line begins in the block before, or in one before that.
            cut = data.find(b"\n") + 1 or len(data) if begin > 0 else 0
            rest = data[:cut]
            yield lines_in(data[cut:])
        # If lines of the file are left here, the budget ended within it: a caller that has read far enough back never gets here.
        self.cut = self.cut or end > 0

    def unpacked(self, file, name):
        """The end of a compressed file's lines, as far as the budget reaches."""
        unpacker = zlib.decompressobj(wbits=31)
        parts, total = [], 0
        kept = 0
        data = b""
        try:
            while total < UNPACKED_BYTES:
                data = unpacker.unconsumed_tail or file.read(65536)
                if not data:
                    break
                part = unpacker.decompress(data, BLOCK_BYTES)
                total += len(part)
                parts.append(part)
                kept += len(part)
                while parts and kept - len(parts[0]) >= self.left:
                    kept -= len(parts.pop(0))
                    self.cut = True
                if unpacker.eof:
                    break
        except zlib.error:
            self.cut = True
            self.gaps.append("%s: damaged" % name)
        if total >= UNPACKED_BYTES:
            self.gaps.append("%s: its end is more than %d MB from its beginning" % (name, UNPACKED_BYTES // 1024 // 1024))
            self.cut = True
            parts = []
        text = b"".join(parts)
        if len(text) > self.left:
            self.cut = True
            text = text[-self.left:]
        self.left -= len(text)
        yield lines_in(text)


def lines_in(data):
    # Where a log was cut while its server went on at the old place, or where the power went, there are NULs.
    data = data.replace(b"\0", b"") if b"\0" in data else data
    return [line for line in data.decode("utf-8", "surrogateescape").split("\n") if line]


def describe_os(error):
    """Without the path, which the sentence has already."""
    return error.strerror or type(error).__name__
