// The room Transport is being built.
