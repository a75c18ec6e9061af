// The room ClientProtocol is being built.
