"""Python code in a process of its own."""

import os
import subprocess
import sys

# Layers that look over the shoulder would change what these processes say.
QUIET = {"VULKAN_FORGE_VALIDATION": "0"}


def python(code, *arguments, env=None, **options):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **QUIET, **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,  # DEADLOCK_GUARD
        **options,
    )


def succeeds(code, *arguments, **options):
    done = python(code, *arguments, **options)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout
