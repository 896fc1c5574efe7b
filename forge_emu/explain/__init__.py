"""What explains: the numbers in force, the machine, an app's mistakes, new apps and old state."""
