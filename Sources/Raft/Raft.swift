// The room Raft is being built.
