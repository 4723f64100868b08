#!/usr/bin/env python3
"""Compares what each module imports with what Package.swift declares for it.

An import that is not declared builds by chance, and a dependency that nothing imports draws an
arrow that is not there. Modules that come with the toolchain (Foundation and the like) are declared
nowhere and not looked at.

    scripts/imports.py            one line for each difference; the exit status is 1 if there is one
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:public |package |internal |fileprivate |private )?"
    r"import (?:struct |class |enum |protocol |func |var |typealias )?(\w+)",
    re.MULTILINE,
)


def declared(target):
    """Names of the modules that a target of the dumped package may import."""
    names = set()
    for dependency in target["dependencies"]:
        ((_, value),) = dependency.items()
        names.add(value[0])
    return names


def imported(folder):
    """Names of the modules that the Swift files of a folder import."""
    names = set()
    for file in sorted(folder.rglob("*.swift")):
        names.update(IMPORT.findall(file.read_text()))
    return names


def main():
    dump = subprocess.run(
        ["swift", "package", "dump-package"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    targets = json.loads(dump.stdout)["targets"]
    known = {target["name"] for target in targets}
    for target in targets:
        known |= declared(target)
    differences = []
    for target in targets:
        folder = ROOT / (target.get("path") or f"Tests/{target['name']}")
        used = imported(folder) & known - {target["name"]}
        allowed = declared(target)
        if not any(folder.rglob("*.swift")):
            continue
        for name in sorted(used - allowed):
            differences.append(f"{target['name']} imports {name}, which Package.swift does not say")
        # An executable that a test runs as a process is a dependency that nobody imports.
        for name in sorted(allowed - used):
            if "-" not in name:
                differences.append(f"{target['name']} declares {name} and does not import it")
    for line in differences:
        print(f"imports: {line}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
