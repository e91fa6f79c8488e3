# The assets of other releases: each release's own in a folder of its version, and in the release that runs as further names of the same
# files, which take no room. A file that the release has itself is never replaced.
import os
import posixpath
import re
import shutil

from instance import RELEASES, ROOT, read_contract
from release_archive import Failure, member_name

ASSETS = os.path.join(ROOT, "assets")
# Of the disk, for the assets of all releases.
PART_OF_DISK = 10
# Frameworks read these at their start: next to another release's, a server would name that one's files in its own pages.
NOT_FOR_PAGES = re.compile(r"[.]|manifest(-[0-9a-f]+)?[.]json$")


def asset_folders(release):
    """The folders of a release's assets by the paths at which it serves them."""
    try:
        entries = read_contract(release).get("assets") or []
        return dict((str(entry["path"]), member_name(str(entry["folder"]))) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError, Failure):
        return dict()


def placed(staged, release):
    """Each file of staged assets: where it lies, where the release has it or would, and the path at which it is served."""
    own = asset_folders(release)
    for path, folder in asset_folders(staged).items():
        root = os.path.join(staged, folder)
        for above, folders, names in os.walk(root):
            folders[:] = [name for name in folders if not NOT_FOR_PAGES.match(name)]
            for name in names:
                source = os.path.join(above, name)
                # What a link leads to in place of it: from another folder it could lead elsewhere.
                if os.path.islink(source):
                    source = os.path.realpath(source)
                if os.path.isfile(source) and not NOT_FOR_PAGES.match(name):
                    inside = os.path.relpath(os.path.join(above, name), root)
                    yield source, os.path.join(release, own.get(path, folder), inside), posixpath.join(path, inside)


def is_same(one, other):
    """Whether both are names of one file."""
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except OSError:
        return False


def lay(staged, release):
    for source, target, _ in placed(staged, release):
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.link(source, target)
        except OSError:
            # It has the file, or a file where this one has a folder. With a full disk the release matters more.
            pass


def lay_all(release, version):
    """Before a release starts: what pages of the others ask it for."""
    for other in os.listdir(ASSETS) if os.path.isdir(ASSETS) else []:
        if other != version and not other.startswith("."):
            lay(os.path.join(ASSETS, other), release)


def take_away(name):
    staged = os.path.join(ASSETS, name)
    for release in os.listdir(RELEASES):
        for source, target, _ in placed(staged, os.path.join(RELEASES, release)):
            if is_same(source, target):
                os.remove(target)
    # Half of a folder must not pass for the whole one if this is interrupted.
    gone = os.path.join(ASSETS, ".gone-%d" % os.getpid())
    os.rename(staged, gone)
    shutil.rmtree(gone, ignore_errors=True)


def size_of(folder):
    return sum(os.lstat(os.path.join(above, name)).st_size for above, _, names in os.walk(folder) for name in names)


def keep_only(wanted):
    """
    Takes away what is not of the wanted versions, or goes beyond the disk's part: of those, the ones named last. The first stays.
    Returns the versions whose assets are left.
    """
    kept = []
    room = shutil.disk_usage(ASSETS).total // PART_OF_DISK
    for version in wanted:
        folder = os.path.join(ASSETS, version)
        if os.path.isdir(folder):
            room -= size_of(folder)
            if room >= 0 or not kept:
                kept.append(version)
    for name in os.listdir(ASSETS):
        if name not in kept:
            take_away(name)
    return kept
