"""`python -m vulkan_forge WORD` is the console command vulkan-forge."""

from vulkan_forge.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
