// The room Linearizability is being built.
