// The room Simulation is being built.
