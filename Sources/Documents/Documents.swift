// The room Documents is being built.
