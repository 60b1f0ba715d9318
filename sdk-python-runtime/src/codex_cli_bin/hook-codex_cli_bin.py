"""What a frozen application needs of `codex_cli_bin`: the payload, the modules that are imported late, the version."""
# ruff: noqa: N999 - PyInstaller's rule for the names of hooks

from PyInstaller import compat, log
from PyInstaller.utils.hooks import collect_data_files, copy_metadata

# As data, with the execute bits that the files have. PyInstaller takes some for binaries all the same, by their first
# bytes, and what it then does to them depends on the application's spec; the README tells how to have it do nothing.
datas = collect_data_files("codex_cli_bin") + copy_metadata("codex-cli-bin")
hiddenimports = ["codex_cli_bin.__main__", "codex_cli_bin._doctor"]

if compat.is_darwin:
    log.getLogger(__name__).warning("codex is signed anew, without its maker's signature: see codex-cli-bin's README")
