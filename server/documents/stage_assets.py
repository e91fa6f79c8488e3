# Keeps a release's assets on this server next to the files of the release that runs, so that it answers for pages of either, and takes away
# those of releases that are not wanted any more. Nothing is stopped, and no file of a release is replaced.
import http.client
import os
import shutil
import sys
import urllib.parse

from instance import (
    CURRENT, ETC, INSTANCE_ENVIRONMENT, NO_RELEASE, RELEASES, current_contract, describe, fencing_token, is_stale, lock, parameter, private,
    server_port, version_of,
)
from words import print_result
from release_archive import Failure, extract, open_verified
from session_cookie import ask_page
from assets import ASSETS, is_same, keep_only, lay, placed

ARCHIVE = "release.tar.gz"
# Below the document's own time-out. An install that runs has ended by then, or the deploy asks again.
LOCK_SECONDS = 120
# The smallest file is asked for; the rest of a longer one is not compared.
COMPARED_BYTES = 64 * 1024
VERSION = r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}"


def stage(version, sha256):
    folder = os.path.join(ASSETS, version)
    if os.path.isdir(folder):
        return
    incoming = os.path.join(ASSETS, ".incoming-%s-%d" % (version, os.getpid()))
    try:
        with open_verified(ARCHIVE, sha256) as archive:
            extract(archive, incoming)
        os.rename(incoming, folder)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def ask_for_one(staged, release):
    """Whether the server answers with a file that was laid next to its own; nothing where there is none to ask for."""
    # A server may well refuse what no page names, such as the text of a licence.
    laid = [
        (not path.endswith((".js", ".css")), os.path.getsize(source), source, path)
        for source, target, path in placed(staged, release) if is_same(source, target)
    ]
    if not laid:
        return dict()
    _, _, source, path = min(laid)
    try:
        with open(source, "rb") as file:
            expected = file.read(COMPARED_BYTES).decode("utf-8", "replace")
        response, text = ask_page(server_port(current_contract()), urllib.parse.quote(path), "https", None, COMPARED_BYTES)
        served = response.status == 200 and text == expected
        answer = "%d%s" % (response.status, "" if served or response.status != 200 else ", with another content")
    except (OSError, http.client.HTTPException) as error:
        served, answer = False, describe(error)
    return dict(served=served, path=path, answer=answer)


def stage_assets(token, version, sha256, wanted):
    # Before its first release a server has nothing that users could ask for.
    if not os.path.exists(INSTANCE_ENVIRONMENT):
        return dict(result="staged", staged=[])
    for folder in (ASSETS, RELEASES):
        os.makedirs(folder, exist_ok=True)
    with open(os.path.join(ETC, "install.lock"), "w", opener=private) as file:
        lock(file, LOCK_SECONDS)
        if is_stale(token):
            raise Failure("StaleFencingToken", "a deploy with a fencing token above %d works on this instance" % token)
        if version != NO_RELEASE:
            stage(version, sha256)
        current = version_of(CURRENT)
        release = os.path.join(RELEASES, current)
        kept = keep_only(wanted)
        if current == NO_RELEASE:
            return dict(result="staged", staged=kept)
        for each in kept:
            if each != current:
                lay(os.path.join(ASSETS, each), release)
        asked = version in kept and version != current
        return dict(result="staged", staged=kept, **(ask_for_one(os.path.join(ASSETS, version), release) if asked else dict()))


def main():
    token = fencing_token()
    version = parameter("version", VERSION)
    sha256 = parameter("sha256", r"[0-9a-f]{64}")
    wanted = [each for each in parameter("wanted", r"(%s(,%s){0,9})?" % (VERSION, VERSION)).split(",") if each]
    # The service runs as another user and must be able to read the files.
    os.umask(0o022)
    try:
        result = stage_assets(token, version, sha256, wanted)
    except Failure as failure:
        result = dict(result="failed", error=failure.error, message=str(failure))
    finally:
        if os.path.isfile(ARCHIVE):
            os.remove(ARCHIVE)
    print_result(result)
    if result["result"] == "failed":
        sys.exit(1)


main()
