// The room Consensus is being built.
