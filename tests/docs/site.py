"""The site as `mkdocs` builds it, and what it says that it has."""

import os
import subprocess
import sys
import zlib
from html.parser import HTMLParser

from sdk_artifacts.paths import REPOSITORY

# What a browser gets by itself, without a click.
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}


def build(directory):
    """Build it strictly: a warning is an error, unless it is silenced, so this is not quiet."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(directory)],
        cwd=REPOSITORY,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return directory


def documented(directory):
    """The names that have a place in the reference, from the site's own inventory."""
    content = (directory / "objects.inv").read_bytes()
    lines = zlib.decompress(content.split(b"\n", 4)[4]).decode().splitlines()
    return {line.partition(" ")[0] for line in lines}


class Page(HTMLParser):
    """Collects what a page loads."""

    def __init__(self, text):
        super().__init__()
        self.loads = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Note what the tag loads; a link to another page in its head is none."""
        told = dict(attrs)
        if tag == "link" and told.get("rel") in {"canonical", "next", "prev"}:
            return
        if address := told.get(LOADED.get(tag, "")):
            self.loads.append(address)
