"""`forge-emu simulate`: one run or many in virtual time, and what came of them."""
