// The room BSON is being built.
