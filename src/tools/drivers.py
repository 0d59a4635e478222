"""The Vulkan drivers that tests run on: two of lavapipe, the newer one also with wide vectors, and SwiftShader."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from src.tools.packages import OS, SUITE, installed, private_apt, unpack
from src.tools.shell import CACHE, Env, Failure, fetch, read, run, say, write

NEWER = CACHE / "drivers" / f"newer-{SUITE}"
LAST_WIDE = (1, 4, 305)  # what the manifest of Mesa 25.0 says
SWIFTSHADER = CACHE / "drivers" / "swiftshader"


class Driver(NamedTuple):
    """What the environment must say so that the Vulkan loader takes this driver alone."""

    name: str
    env: Env


class NoDriver(Failure):
    """Says why a driver cannot be had here."""


def driver(name: str) -> Driver:
    """A driver by name, fetched first where need be; NoDriver where it cannot be had."""
    if name == "host":
        return Driver(name, {})  # whatever the machine has
    if name == "system":
        icds = sorted(Path("/usr/share/vulkan/icd.d").glob("lvp_icd*.json"))
        if not icds:
            raise NoDriver("no lavapipe in /usr/share/vulkan/icd.d; mesa-vulkan-drivers has it")
        return Driver(name, driver_env(icds[0]))
    if name == "newer" and not NEWER.exists():
        version = installed(["mesa-vulkan-drivers"]).get("mesa-vulkan-drivers", "0")
        if int(version.split(".")[0]) >= 25:
            return driver("system")
        fetch_newer(version)
    if name == "swiftshader":
        fetch_swiftshader()
    if name == "wide":
        if "avx512vl" not in read(Path("/proc/cpuinfo")):
            raise NoDriver("vectors of 512 bits want a processor with AVX-512")
        env = newest().env
        version = json.loads(read(Path(env["VK_DRIVER_FILES"])))["ICD"]["api_version"]
        if tuple(map(int, version.split("."))) > LAST_WIDE:
            raise NoDriver("Mesa after 25.0 ends the process at some kernels with vectors of 512 bits")
        return Driver(name, {**env, "VULKAN_FORGE_CPU_VECTOR_BITS": "512"})
    folder = NEWER if name == "newer" else SWIFTSHADER
    return Driver(name, {**driver_env(folder / "icd.json"), "LD_LIBRARY_PATH": str(folder / "lib")})


def driver_env(icd: Path) -> Env:
    names = ("VK_DRIVER_FILES", "VK_ICD_FILENAMES")  # the second is what loaders before 1.3.207 read
    return {**dict.fromkeys(names, str(icd)), "MESA_SHADER_CACHE_DIR": str(CACHE / "mesa")}


def newest() -> Driver:
    """The newer lavapipe; where there is none the distribution's, and a line that says why."""
    try:
        return driver("newer")
    except Failure as why:
        say(f"using the distribution's lavapipe: {why}")
        return driver("system")


def write_icd(final: Path, folder: Path, template: Path, library: str) -> None:
    icd = json.loads(template.read_text())
    icd["ICD"]["library_path"] = str(final / "lib" / library)
    write(folder / "icd.json", json.dumps(icd, indent=2))


def backports() -> str:
    if OS.get("ID") != "debian":
        raise NoDriver(f"{OS.get('NAME')} has no package it could be taken from; Debian has")
    return f"{SUITE}-backports"


def fetch_newer(version: str) -> None:
    suite = backports()

    def fill(folder: Path, scratch: Path) -> None:
        root, apt = private_apt(suite, alone=False)
        run([*apt, "--download-only", "install", f"mesa-vulkan-drivers/{suite}"])
        for deb in sorted((root / "archives").glob("*.deb")):
            unpack(deb, scratch)
        (folder / "lib").mkdir()
        for library in scratch.glob("usr/lib/*/*.so*"):
            if not re.match(r"libVkLayer|libvulkan_(?!lvp)", library.name):  # hardware drivers stay out
                shutil.move(library, folder / "lib")
        write_icd(NEWER, folder, next(scratch.rglob("lvp_icd*.json")), "libvulkan_lvp.so")

    fetch(NEWER, f"lavapipe of {suite}, newer than the installed {version}", fill)


def fetch_swiftshader() -> None:
    suite = backports()

    def fill(folder: Path, scratch: Path) -> None:
        _, apt = private_apt(suite, alone=False)
        for package in ("chromium-common", "chromium"):  # which of them holds it differs
            run(["env", "-C", scratch, *apt, "download", package])
            unpack(next(scratch.glob("*.deb")), scratch)
            for library in scratch.rglob("libvk_swiftshader.so"):
                write_icd(SWIFTSHADER, folder, library.with_name("vk_swiftshader_icd.json"), library.name)
                (folder / "lib").mkdir()
                shutil.move(library, folder / "lib")
                return
        raise NoDriver("Debian's Chromium package no longer holds libvk_swiftshader.so")

    fetch(SWIFTSHADER, "SwiftShader out of the Chromium package, an independent Vulkan driver for tests", fill)
