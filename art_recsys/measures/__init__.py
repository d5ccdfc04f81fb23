"""How sure a mean is: bootstrap intervals and the paired sign-flip test. One of each for the whole package."""
