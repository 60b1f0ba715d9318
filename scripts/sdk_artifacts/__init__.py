"""The toolkit: prebuilt `codex` payloads in, a complete and proven set of wheels out."""
