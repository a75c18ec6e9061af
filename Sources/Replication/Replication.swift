// The room Replication is being built.
