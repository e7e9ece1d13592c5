"""`colonies bench`: what a broker does in a second and what that costs, held against what the machine can do."""
