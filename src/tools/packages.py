"""Packages that ./dev needs: installed through apt, or unpacked privately into the cache."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from src.tools.shell import CACHE, Env, Failure, ask, command_line, fetch, read, run, say, write

# (names to try, why); the first name that apt knows is taken.
PACKAGES: list[tuple[tuple[str, ...], str]] = [
    (("g++",), "the C++20 compiler"),
    (("cmake",), "makes the build files"),
    (("ninja-build",), "runs the build"),
    (("ccache",), "makes rebuilding quick"),
    (("git",), "lists the files that lint reads"),
    (("libvulkan-dev",), "Vulkan headers"),
    (("libvulkan-volk-dev",), "volk, which opens the Vulkan loader at run time"),
    (("libvulkan1",), "the Vulkan loader"),
    (("mesa-vulkan-drivers",), "Vulkan drivers, among them lavapipe, which needs no GPU"),
    (("vulkan-validationlayers",), "checks the use of Vulkan in tests"),
    (("libxtensor-dev",), "n-d arrays on the host side"),
    (("libpng-dev",), "reads PNG of every kind"),
    (("libdeflate-dev",), "unpacks PNG three times as fast as zlib"),
    (("libfreetype-dev",), "draws letters from outline fonts"),
    (("fonts-dejavu-core",), "the font that goes into the package"),
    (("spirv-tools",), "validates SPIR-V"),
    (("glslang-tools",), "the compiler that tests take foreign SPIR-V from"),
    (("libgtest-dev",), "GoogleTest"),
]
VMA_PACKAGE = "libvulkan-memory-allocator-dev"
LATER_SUITE = {"bookworm": "trixie"}  # where to look for what a suite lacks
OS = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.M))
SUITE = OS.get("VERSION_CODENAME", "unknown")


def installed(names: Sequence[str]) -> dict[str, str]:
    """Those of the packages that are installed, with their versions."""
    query = ["dpkg-query", "-W", "-f=${db:Status-Status} ${Package} ${Version}\n", *names]
    answer = subprocess.run(query, capture_output=True, text=True).stdout
    return {row[1]: row[2] for row in map(str.split, answer.splitlines()) if row[0] == "installed"}


def has_candidate(package: str) -> bool:
    policy = ask("apt-cache", "policy", package)
    return "Candidate:" in policy and "Candidate: (none)" not in policy


def missing_packages() -> list[tuple[tuple[str, ...], str]]:
    wanted = list(PACKAGES)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if importlib.util.find_spec("ensurepip") is None:
        wanted.append(((f"python{version}-venv", "python3-venv"), "makes the virtual environment"))
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        wanted.append(((f"python{version}-dev", "python3-dev"), "Python's headers"))
    have = installed([name for names, _ in wanted for name in names])
    return [(names, why) for names, why in wanted if not any(name in have for name in names)]


def apt_get(*words: str) -> int:
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *words]
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise Failure(f"not root and no sudo here; an administrator has to run: {command_line(command)}")
        command.insert(0, "sudo")
    return run(command, check=False)


def system_packages() -> None:
    """Install through apt what is missing."""
    missing = missing_packages()
    optional = [] if vma_folder() else [((VMA_PACKAGE,), "the Vulkan Memory Allocator")]
    if not missing and not optional:
        return
    if not shutil.which("apt-get"):
        raise Failure(f"no apt-get here; install by hand: {[n[0] for n, _ in missing + optional]}")
    expected = missing + ([] if SUITE in LATER_SUITE else optional)
    if not all(any(map(has_candidate, names)) for names, _ in expected):
        apt_get("-qq", "update")
    chosen = []
    for names, why in missing + optional:
        name = next(filter(has_candidate, names), "")
        if name:
            say(f"installing {name}: {why}")
            chosen.append(name)
        elif (names, why) in missing:
            raise Failure(f"apt knows no {' or '.join(names)} ({why}); is a part of the archive off?")
    install = ("-qq", "-y", "--no-install-recommends", "install", *chosen)
    if chosen and apt_get(*install):
        apt_get("-qq", "update")  # old lists name files that are gone
        if apt_get(*install):
            raise Failure("apt-get could not install them")


def apt_sources() -> list[Env]:
    """Where this machine's apt looks, as deb822 stanzas, from both kinds of file."""
    stanzas = []
    for path in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))):
        text = "\n".join(line for line in read(path).splitlines() if not line.lstrip().startswith("#"))
        if path.suffix == ".sources":
            field = re.compile(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", re.M)
            stanzas += [dict(field.findall(block)) for block in re.split(r"\n\s*\n", text)]
        elif path.suffix == ".list":
            names = {"signed-by": "Signed-By", "arch": "Architectures", "trusted": "Trusted"}
            line = re.compile(r"^deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s+(.*)$", re.M)
            for options, uri, suite, parts in line.findall(text):
                pairs = (option.partition("=") for option in options.split())
                extra = {names[key]: value for key, _, value in pairs if key in names}
                stanzas.append({"Types": "deb", "URIs": uri, "Suites": suite, "Components": parts, **extra})
    wanted = [s for s in stanzas if "deb" in s.get("Types", "").split() and s.get("Enabled", "yes") != "no"]
    return [{**s, "Types": "deb"} for s in wanted]


def private_apt(suite: str, *, alone: bool) -> tuple[Path, list[str]]:
    """A state folder of our own and the apt-get that uses it: this machine's mirror with one more suite."""
    own = [s for s in apt_sources() if any(x.split("-")[0] == SUITE for x in s["Suites"].split())]
    main = [{**s, "Suites": suite} for s in own if SUITE in s["Suites"].split()]
    if not main:
        raise Failure(f"apt's sources name no suite {SUITE}, so it is unknown where to ask for {suite}")
    root = CACHE / "apt" / suite
    shutil.rmtree(root / "archives", ignore_errors=True)
    for folder in ("lists/partial", "archives/partial"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    stanzas = ["".join(f"{k}: {v}\n" for k, v in s.items()) for s in main + ([] if alone else own)]
    write(root / "sources.list.d" / "private.sources", "\n".join(stanzas))
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": root / "sources.list.d",
        "Dir::State::Lists": root / "lists",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": root,
        "Dir::Cache::archives": root / "archives",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "true",
    }
    write(root / "apt.conf", "".join(f'{k} "{v}";\n' for k, v in settings.items()))
    command = ["apt-get", "-c", str(root / "apt.conf"), "-qq", "-y", "--no-install-recommends"]
    run([*command, "update"])
    return root, command


def unpack(deb: Path, folder: Path) -> None:
    run(["dpkg-deb", "-x", deb, folder])
    deb.unlink()


def vma_folder() -> Path | None:
    roots = (Path("/usr/include"), CACHE / "vma" / "usr" / "include")
    places = [place for root in roots for place in (root, root / "vma")]
    return next((place for place in places if (place / "vk_mem_alloc.h").exists()), None)


def fetch_vma() -> None:
    if vma_folder():
        return
    if SUITE not in LATER_SUITE:
        raise Failure(f"no package {VMA_PACKAGE}; put vk_mem_alloc.h into {CACHE}/vma/usr/include")

    def fill(folder: Path, scratch: Path) -> None:
        _, apt = private_apt(LATER_SUITE[SUITE], alone=True)
        run(["env", "-C", scratch, *apt, "download", VMA_PACKAGE])
        unpack(next(scratch.glob("*.deb")), folder)

    fetch(CACHE / "vma", f"{VMA_PACKAGE} of {LATER_SUITE[SUITE]}, which {SUITE} does not have", fill)
