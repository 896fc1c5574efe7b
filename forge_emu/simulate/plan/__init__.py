"""What a simulation is asked and what it answers: steps, conditions, comparisons. No I/O."""
