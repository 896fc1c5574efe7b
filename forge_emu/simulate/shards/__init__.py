"""The files of `simulate --shard`, and what `forge-emu merge` makes of them."""
