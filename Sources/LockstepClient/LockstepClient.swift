// The room LockstepClient is being built.
