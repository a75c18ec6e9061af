// The room Server is being built.
