"""What a simulation is to do and what its runs came to: steps, conditions, comparisons. No I/O."""
