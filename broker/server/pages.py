"""What browsers are given: the dashboard, the JavaScript SDK and the example pages.

Files of a wheel, or of the checkout that this runs from; a folder that is not there is not served.
Only files whose ending is that of a web page's part leave a folder, whatever else lies in it,
and a browser asks each time whether it has the newest. Knows nothing of colonies.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PACKAGE = Path(__file__).parents[1]
SHIPPED = PACKAGE / "pages"
CHECKOUT = PACKAGE.parent

# Said here, since what a machine believes of endings differs, and a browser runs no module of a wrong type.
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

# Public code: a page of another origin may load it, and learns from the socket's close why it may not connect.
FOR_EVERYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

# A page holds a private key: it runs nothing, asks nothing and sends nothing but here, and stands in nobody's frame.
# On scripts as well, since one that runs as a Web Worker is held to what came with it.
FOR_PAGES = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


# What of the dashboard's folder is for browsers; beside it lies what it is made and tested with.
DASHBOARD = frozenset({"", "index.html", "icon.svg", "css", "src", "vendor"})


def routes() -> list[BaseRoute]:
    """The routes under which the folders are served. The dashboard comes last, for it is at the root."""
    found = [
        ("/sdk", _folder("sdk", "sdk_js/dist"), FOR_EVERYBODY, None),
        ("/examples", _folder("examples", "examples"), FOR_PAGES, None),
        ("/", _folder("dashboard", "web_dashboard"), FOR_PAGES, DASHBOARD),
    ]
    return [Mount(path, Folder(folder, headers, only)) for path, folder, headers, only in found if folder.is_dir()]


def _folder(shipped: str, in_checkout: str) -> Path:
    folder = SHIPPED / shipped
    return folder if folder.is_dir() else CHECKOUT / in_checkout


class Folder(StaticFiles):
    """A folder of files for browsers; `…/` is its index.html, and no folder is ever listed.

    only  the names in it that are there for browsers, "" for itself; None: all.
    """

    def __init__(self, folder: Path, headers: Mapping[str, str], only: Collection[str] | None = None) -> None:
        super().__init__(directory=folder, html=True)
        self._headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache", **headers}
        self._only = only
        self._contents: dict[str | os.PathLike[str], tuple[tuple[int, int], bytes]] = {}

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file or a folder; a file of another kind is not there."""
        first = Path(os.path.normpath(path)).parts[:1]
        if self._only is not None and "".join(first) not in self._only:
            return "", None
        full_path, found = super().lookup_path(path)
        if found and not stat.S_ISDIR(found.st_mode) and Path(full_path).suffix not in TYPES:
            return "", None
        return full_path, found

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        if isinstance(response, FileResponse):
            # A page has dozens of parts: to read one in pieces, each on a thread, takes longer than to send it.
            content = self._content(full_path, stat_result)
            response = Response(content, status_code, headers=dict(response.headers))
        response.headers.update({**self._headers, "Content-Type": TYPES[Path(full_path).suffix]})
        return response

    def _content(self, full_path: str | os.PathLike[str], stat_result: os.stat_result) -> bytes:
        """What is in a file, kept until the file is another."""
        version = (stat_result.st_mtime_ns, stat_result.st_size)
        kept = self._contents.get(full_path)
        if kept is None or kept[0] != version:
            kept = self._contents[full_path] = (version, Path(full_path).read_bytes())
        return kept[1]
