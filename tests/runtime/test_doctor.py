"""Broken set-ups: each has its name and its fix, at the doctor's as well as where the executable is run."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .conftest import install_into
from .stages import PAYLOAD, TEMPLATE, build_wheel, make_stage

REINSTALL = "pip install --force-reinstall --no-deps codex-cli-bin"
NOT_FOUND, CANNOT_RUN = 127, 126


def module(where, *arguments):
    env = {**os.environ, "PYTHONPATH": str(where)}
    command = [sys.executable, "-m", "codex_cli_bin", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def doctor(where, *options):
    """The doctor's report about the package in `where`; its exit status must say the same."""
    done = module(where, "--doctor", "--json", *options)
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["ok"] else 1)
    assert report["ok"] == (not report["findings"])
    return report


def only_finding(where, *options):
    (finding,) = doctor(where, *options)["findings"]
    return finding


def run_fails(where, status, cause):
    """Running the executable ends with `status`, and with one line that names the cause."""
    done = module(where, "--version")
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith(f"codex: {cause}: ")
    assert done.stderr.count("\n") == 1


def test_a_sound_installation_has_no_finding(installed):
    report = doctor(installed, "--deep")
    assert report["ok"]
    assert report["executable"] == str(installed / "codex_cli_bin/bin/codex")
    assert (report["version"], report["components"]) == ("1.2.3", ["core", "search"])
    assert report["installed_in"].startswith("elsewhere")


def test_the_text_is_for_people(installed):
    text = module(installed, "--doctor").stdout
    assert f"executable   {installed}/codex_cli_bin/bin/codex\n" in text
    assert text.endswith("ok: nothing wrong was found\n")
    (installed / "codex_cli_bin/codex-path/rg").unlink()
    assert module(installed, "--doctor").stdout.splitlines()[-1].startswith("helper-missing: ")


def test_an_unknown_option_is_a_usage_error(installed):
    done = module(installed, "--doctor", "--depe")
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: python -m codex_cli_bin --doctor [--deep] [--json]\nunknown: --depe\n" in done.stderr


def test_a_lost_executable_bit(installed):
    path = installed / "codex_cli_bin/bin/codex"
    path.chmod(0o644)
    finding = only_finding(installed)
    assert finding["cause"] == "not-executable"
    assert f"{path} has mode 0644" in finding["message"]
    assert finding["fix"] == f"chmod +x {path}"
    run_fails(installed, CANNOT_RUN, "not-executable")
    subprocess.run(finding["fix"], shell=True, check=True)
    assert module(installed, "--version").stdout == "codex-cli 1.2.3\n"


def test_a_helper_without_its_executable_bit(installed):
    (installed / "codex_cli_bin/codex-path/rg").chmod(0o644)
    assert only_finding(installed)["cause"] == "not-executable"
    assert module(installed, "--version").returncode == 0


def test_a_missing_helper_is_a_finding_and_does_not_keep_the_executable_from_running(installed):
    (installed / "codex_cli_bin/bin/codex-code-mode-host").unlink()
    finding = only_finding(installed)
    assert finding["cause"] == "helper-missing"
    assert "bin/codex-code-mode-host is missing" in finding["message"]
    assert finding["fix"] == f"{REINSTALL}==1.2.3"
    assert module(installed, "--version").returncode == 0


def test_a_missing_executable(installed):
    (installed / "codex_cli_bin/bin/codex").unlink()
    assert only_finding(installed)["cause"] == "executable-missing"
    run_fails(installed, NOT_FOUND, "executable-missing")


@pytest.mark.parametrize("path", ["bin/codex", "codex-path/rg"])
def test_a_file_that_is_cut_short(installed, path):
    os.truncate(installed / "codex_cli_bin" / path, 3)
    finding = only_finding(installed)
    assert finding["cause"] == "truncated"
    assert f"{path} has 3 bytes and not {len(PAYLOAD[path][0])}" in finding["message"]


def test_changed_bytes_of_the_same_size_are_found_by_digest_alone(installed):
    path = installed / "codex_cli_bin/bin/codex"
    path.write_bytes(path.read_bytes().replace(b"1.2.3", b"6.6.6"))
    assert doctor(installed)["ok"]
    assert only_finding(installed, "--deep")["cause"] == "changed"


@pytest.mark.parametrize(
    "content", ["[]", '{"version": "1.2.3", "files": 5}', '{"version": "1.2.3", "files": {"bin/codex": {"size": "3"}}}']
)
def test_a_damaged_manifest(content, installed):
    (installed / "codex_cli_bin/manifest.json").write_text(content)
    assert only_finding(installed)["cause"] == "manifest-damaged"


def test_no_version_can_be_read_from_a_damaged_manifest(installed):
    (installed / "codex_cli_bin/manifest.json").write_text("[]")
    code = "import codex_cli_bin; codex_cli_bin.RUNTIME_VERSION"
    done = subprocess.run([sys.executable, "-c", code], cwd=installed, capture_output=True, text=True, check=False)
    assert "RuntimeUnavailable: manifest-damaged:" in done.stderr


@pytest.mark.parametrize("native", ["aarch64-apple-darwin", "x86_64-pc-windows-msvc", "other-linux"])
def test_an_executable_for_another_machine(native, natives, tmp_path):
    other = "aarch64" if os.uname().machine == "x86_64" else "x86_64"
    native = native.replace("other-linux", f"{other}-unknown-linux-musl")
    payload = {**PAYLOAD, "bin/codex": (natives[native].read_bytes(), "0755")}
    wheel = build_wheel(make_stage(tmp_path / "stage", payload), tmp_path / "out")
    finding = only_finding(install_into(tmp_path / "installed", wheel))
    assert finding["cause"] == "wrong-machine"
    words = native.split("-")
    system = {"apple": "macos", "pc": "windows", "unknown": "linux"}[words[1]]
    assert f"is for {system} {words[0]}, and this interpreter ({sys.executable}) for " in finding["message"]
    if not native.endswith("linux-musl"):  # emulators may be registered for that one
        run_fails(tmp_path / "installed", CANNOT_RUN, "wrong-machine")


def test_the_machine_of_the_executable_is_read_from_the_file(natives, tmp_path):
    payload = {**PAYLOAD, "bin/codex": (natives["codex_host"].read_bytes(), "0755")}
    wheel = build_wheel(make_stage(tmp_path / "stage", payload), tmp_path / "out")
    installed = install_into(tmp_path / "installed", wheel)
    report = doctor(installed, "--deep")
    assert report["ok"]
    assert report["machine"] == report["interpreter_machine"] == f"{sys.platform} {os.uname().machine}"
    assert module(installed, "--version").stdout == "codex-cli 1.2.3\n"


def test_a_loader_that_this_system_lacks(tmp_path):
    payload = {**PAYLOAD, "bin/codex": (b"#!/no/such/interpreter\n", "0755")}
    wheel = build_wheel(make_stage(tmp_path / "stage", payload), tmp_path / "out")
    run_fails(install_into(tmp_path / "installed", wheel), CANNOT_RUN, "loader-missing")


def test_a_program_in_no_known_format(tmp_path):
    payload = {**PAYLOAD, "bin/codex": (b"\0\1\2\3 no program at all", "0755")}
    wheel = build_wheel(make_stage(tmp_path / "stage", payload), tmp_path / "out")
    run_fails(install_into(tmp_path / "installed", wheel), CANNOT_RUN, "not-runnable")


def test_the_package_inside_a_zip_archive(installed, tmp_path):
    with zipfile.ZipFile(tmp_path / "app.pyz", "w") as archive:
        for path in sorted(installed.glob("codex_cli_bin/*.py")):
            archive.write(path, path.relative_to(installed))
    finding = only_finding(tmp_path / "app.pyz")
    assert finding["cause"] == "zipimport"
    assert "app.pyz/codex_cli_bin is inside an archive" in finding["message"]
    run_fails(tmp_path / "app.pyz", NOT_FOUND, "zipimport")


def test_a_frozen_application_without_the_files(installed):
    (installed / "codex_cli_bin/manifest.json").unlink()
    code = "import sys; sys.frozen = True; import codex_cli_bin; codex_cli_bin.bundled_codex_path()"
    done = subprocess.run([sys.executable, "-c", code], cwd=installed, capture_output=True, text=True, check=False)
    assert "RuntimeUnavailable: frozen: the frozen application" in done.stderr
    assert "pyinstaller --collect-data codex_cli_bin" in done.stderr


def test_a_frozen_module_that_has_no_file(installed):
    code = (
        "import sys; sys.frozen = True; import codex_cli_bin; del codex_cli_bin.__file__;"
        "codex_cli_bin.bundled_package_dir()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "RuntimeUnavailable: frozen:" in done.stderr


def test_the_python_files_alone():
    finding = only_finding(TEMPLATE / "src")
    assert finding["cause"] == "nothing-bundled"
    assert finding["fix"] == REINSTALL
    run_fails(TEMPLATE / "src", NOT_FOUND, "nothing-bundled")


@pytest.fixture
def noexec_mount(tmp_path):
    mount = tmp_path / "noexec"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "noexec,size=1m", "none", mount]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    if done is None or done.returncode:
        pytest.skip(f"cannot mount a tmpfs here: {done.stderr.strip() if done else 'no mount command'}")
    yield mount
    subprocess.run(["umount", mount], check=True)


def test_a_mount_that_forbids_execution(installed, noexec_mount: Path):
    where = shutil.copytree(installed, noexec_mount / "installed")
    finding = only_finding(where)
    assert finding["cause"] == "noexec-mount"
    assert f"is on {noexec_mount}, which is mounted noexec" in finding["message"]
    assert f"mount -o remount,exec {noexec_mount}" in finding["fix"]
    run_fails(where, CANNOT_RUN, "noexec-mount")
