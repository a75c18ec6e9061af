// The harness is being built.
