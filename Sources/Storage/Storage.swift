// The room Storage is being built.
