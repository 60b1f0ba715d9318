"""What a frozen application needs of `codex_app_server`: the modules that are imported late, and its version."""
# ruff: noqa: N999 - PyInstaller's rule for the names of hooks

from PyInstaller.utils.hooks import collect_submodules, copy_metadata

hiddenimports = [name for name in collect_submodules("codex_app_server") if "._pyinstaller" not in name]
datas = copy_metadata("codex-app-server-sdk")  # for `python -m codex_app_server doctor`
