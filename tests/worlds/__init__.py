"""Places where the real wheels of other platforms run: small Linux roots made from Debian packages.

A world's module makes what it needs once, and the cache keeps it. A room is a root that commands run in; nothing that
they do outlives them. Where a world cannot be had, `Unavailable` says why and what to do about it.

    aarch64, old_glibc, windows ─► rooms, debian, cached
    windows_python, others      ─► cached
    environment                 ─► rooms
"""
